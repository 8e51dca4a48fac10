"""A worker that says that it is ready, waits, and takes a moment to stop."""

import os
import signal
import sys
import time

from runtime.connect import ledger_url
from runtime.embedded.ready import announce_ready
from runtime.settings import load_settings


def stop(*_: object) -> None:
    time.sleep(0.2)
    print("stopped in order", flush=True)
    sys.exit(0)


signal.signal(signal.SIGTERM, stop)
# Like a real one, it finds the servers by the settings that the supervisor handed on.
assert ledger_url(load_settings()).endswith("/siwen_city")
print("working", os.getpid(), flush=True)
announce_ready()
while True:
    time.sleep(1)
