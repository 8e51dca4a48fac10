"""Making many objects at once."""

import contextlib
import gc
from collections.abc import Iterator


@contextlib.contextmanager
def bulk() -> Iterator[None]:
    """Make many objects that stay, without the collector walking through them as they grow.

    Of ten thousand entries it took a third of the time and found nothing. Only for code that does
    not wait: what else runs in the process is not to go without it.
    """
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()
