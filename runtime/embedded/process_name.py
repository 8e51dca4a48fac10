"""Names of processes by which those on the same machine can tell whether one still runs."""

import os
import re
import socket

from runtime.embedded.child import identity

_FORM = re.compile(r"\d+@.+#.*")


def process_name() -> str:
    """Return a name of this process: its id, its host, and what tells it from later ones."""
    return f"{os.getpid()}@{socket.gethostname()}#{identity(os.getpid()) or ''}"


def is_named_so(name: str) -> bool:
    """Tell whether a name is of this form: others that ask for work bear the SDK's own names.

    It proves nothing: who reaches Temporal can say any name.
    """
    return _FORM.fullmatch(name) is not None


def has_ended(name: str) -> bool:
    """Tell whether the process of a name has certainly ended; of another host's nothing is known.

    A container is a host of its own.
    """
    number, _, rest = name.partition("@")
    host, _, started = rest.rpartition("#")
    if host != socket.gethostname() or not number.isdecimal() or not started:
        return False
    return identity(int(number)) != started
