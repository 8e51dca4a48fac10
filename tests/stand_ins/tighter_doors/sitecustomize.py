"""Stand-in for a release whose doors take nothing: every constraint beside a field is as tight."""

from typing import Any

import pydantic

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


pydantic.StringConstraints = _tight_constraints  # type: ignore[misc, assignment]
pydantic.Field = _tight_field
pydantic.AfterValidator = lambda check: _after(check)  # type: ignore[misc, assignment]
_after_validator = pydantic.functional_validators.AfterValidator


def _after(check: Any) -> Any:
    return _after_validator(check if check.__name__ == "as_utc" else _nothing)
