"""The values of the profile's thresholds as a message takes them."""

from typing import Any

from pydantic import TypeAdapter

from domain.profile import THRESHOLDS, Profile
from words.forms import Forms, percent, yuan
from words.sources import Lang


def valued(field: str, value: object, lang: Lang) -> str | int:
    """Return what a threshold is set to: a share or an amount in words, or its number."""
    unit = THRESHOLDS[field].unit if field in THRESHOLDS else ""
    if not isinstance(value, int):
        return str(value)
    if unit.startswith("1/100 %"):
        return percent(value)
    return yuan(value, lang) if unit.split(" ")[0] == "fen" else value


def setting(field: str, value: Any, forms: Forms) -> str:
    """Return in words what a field of the profile that is no figure is set to, from its JSON."""
    info = Profile.model_fields.get(field)
    if info is not None and info.annotation is not None:
        value = TypeAdapter[Any](info.annotation).validate_python(value)
    return forms.write(value, "CHANNEL" if field == "automatic_channels" else None)
