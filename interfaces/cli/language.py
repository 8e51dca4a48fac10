"""Which language the terminal is spoken to in, known before anything else is imported."""

from collections.abc import Mapping, Sequence
from typing import Literal

Lang = Literal["zh", "en"]

_lang: Lang = "en"
_BETWEEN = "\x1f"


def choose(arguments: Sequence[str], environment: Mapping[str, str]) -> None:
    """Take the language from `--lang`, `SIWEN_LANG` or the locale; English where none says."""
    global _lang
    _lang = _named(arguments) or _of_locale(environment)


def lang() -> Lang:
    return _lang


def say(zh: str, en: str) -> str:
    """Return what is said in the terminal's language."""
    return zh if _lang == "zh" else en


def both(zh: str, en: str) -> str:
    """Return a text of the help in both languages: which one is known when it is shown."""
    return f"{zh}{_BETWEEN}{en}"


def chosen(text: str | None) -> str | None:
    """Return the text of the help in the terminal's language."""
    return text if text is None or _BETWEEN not in text else say(*text.split(_BETWEEN))


def _named(arguments: Sequence[str]) -> Lang | None:
    for place, argument in enumerate(arguments):
        if argument == "--":
            break
        if argument == "--lang" and place + 1 < len(arguments):
            return _known(arguments[place + 1])
        if argument.startswith("--lang="):
            return _known(argument.removeprefix("--lang="))
    return None


def _of_locale(environment: Mapping[str, str]) -> Lang:
    for name in ("SIWEN_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        value = environment.get(name, "")
        if value:
            return _known(value) or "en"
    return "en"


def _known(value: str) -> Lang | None:
    match value[:2].lower():
        case "zh":
            return "zh"
        case "en":
            return "en"
        case _:
            return None
