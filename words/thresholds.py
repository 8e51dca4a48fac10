"""What the profile's thresholds are called, each with its value in it."""

from domain.profile import THRESHOLDS
from domain.terms.value import Text
from words import forms
from words.catalogue import say
from words.sources import Lang


def threshold(field: str, value: object) -> Text:
    """Return what a threshold demands, with its value."""
    return Text(zh=_said(field, value, "zh"), en=_said(field, value, "en"))


def _said(field: str, value: object, lang: Lang) -> str:
    unit = THRESHOLDS[field].unit
    told: str | int = value if isinstance(value, int) else str(value)
    if isinstance(value, int) and unit.startswith("1/100 %"):
        told = forms.percent(value)
    elif isinstance(value, int) and unit.split(" ")[0] == "fen":
        told = forms.yuan(value, lang)
    return say(f"threshold.{field}", lang, value=told)
