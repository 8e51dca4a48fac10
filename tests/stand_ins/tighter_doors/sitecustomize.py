"""Stand-in for a release whose doors take nothing: every constraint beside a field is as tight."""

from typing import Any

import pydantic
from pydantic.functional_validators import AfterValidator

_field, _constraints = pydantic.Field, pydantic.StringConstraints


def _tight_constraints(**given: Any) -> Any:
    return _constraints(max_length=0)


def _tight_field(*default: Any, **given: Any) -> Any:
    if "ge" in given or "le" in given:
        given |= {"ge": -2, "le": -1}
    if "max_length" in given or "min_length" in given:
        given |= {"min_length": 99, "max_length": 99}
    return _field(*default, **given)


def _nothing(value: Any) -> Any:
    raise ValueError("nothing is taken here")


def _after(check: Any) -> Any:
    return AfterValidator(check if check.__name__ == "as_utc" else _nothing)


pydantic.StringConstraints = _tight_constraints  # type: ignore[misc, assignment]
pydantic.Field = _tight_field
pydantic.AfterValidator = _after  # type: ignore[misc, assignment]
