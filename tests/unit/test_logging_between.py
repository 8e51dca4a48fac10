"""How one test's commands log is not how the next one's do."""

import structlog
from structlog.testing import capture_logs

from runtime.logging import configure
from runtime.settings import load_settings


def test_a_command_that_says_errors_alone() -> None:
    configure(load_settings(log_level="error"))
    with capture_logs() as said:
        structlog.get_logger().warning("not heard")
    assert not said


def test_is_no_word_for_the_test_after_it() -> None:
    with capture_logs() as said:
        structlog.get_logger().warning("heard")
    assert said
