"""The command line, speaking the language chosen."""

from interfaces.cli.contents import COMMANDS
from interfaces.cli.lazy import Group, group


def build() -> Group:
    """Return the command line with every command."""
    whole = group(
        COMMANDS,
        "四问：背街小巷整治的全程记录。先 siwen up，再 siwen next。",
        "Siwen: the system of record for renovating back streets. "
        "Begin with `siwen up`, then `siwen next`.",
    )
    return Group("siwen", whole, context_settings={"help_option_names": ["-h", "--help"]})
