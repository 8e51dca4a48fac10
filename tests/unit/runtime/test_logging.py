import io
import json
import logging
import sys
from collections.abc import Iterator
from types import SimpleNamespace

import pytest
import structlog

from runtime import logging as siwen_logging
from runtime.settings import load_settings


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = handlers, level
    structlog.reset_defaults()


def stream(encoding: str = "utf-8") -> tuple[io.BytesIO, io.TextIOWrapper]:
    raw = io.BytesIO()
    return raw, io.TextIOWrapper(raw, encoding=encoding, write_through=True)


def test_json_lines_hold_the_fields_and_chinese_as_it_is() -> None:
    raw, out = stream()
    siwen_logging.configure(load_settings(log="json"), stream=out)

    structlog.stdlib.get_logger("x").info("event_recorded", stream="fuyang-2014", name="小花坞")

    line = json.loads(raw.getvalue())
    assert (line["event"], line["level"], line["stream"]) == (
        "event_recorded",
        "info",
        "fuyang-2014",
    )
    assert "小花坞".encode() in raw.getvalue()


def test_the_standard_librarys_records_take_the_same_road() -> None:
    raw, out = stream()
    siwen_logging.configure(load_settings(log="json"), stream=out)

    logging.getLogger("temporalio.worker").warning("poll %s", "failed", extra={"queue": "q"})

    line = json.loads(raw.getvalue())
    assert (line["event"], line["queue"]) == ("poll failed", "q")


def test_the_level_is_kept() -> None:
    raw, out = stream()
    siwen_logging.configure(load_settings(log_level="warning"), stream=out)

    structlog.stdlib.get_logger("x").info("quiet")
    logging.getLogger("x").info("quiet")

    assert raw.getvalue() == b""


@pytest.mark.parametrize("form", ["console", "json"])
def test_a_terminal_that_is_not_utf8_gets_escapes_instead_of_an_error(form: str) -> None:
    raw, out = stream("ascii")
    siwen_logging.configure(load_settings(log=form), stream=out)

    structlog.stdlib.get_logger("x").info("noticed", block="小花坞")

    assert rb"\u5c0f" in raw.getvalue()


@pytest.mark.parametrize(("replaying", "lines"), [(True, 0), (False, 1)])
def test_a_workflow_that_is_replayed_says_nothing_again(
    monkeypatch: pytest.MonkeyPatch, replaying: bool, lines: int
) -> None:
    raw, out = stream()
    siwen_logging.configure(load_settings(log="json"), stream=out)
    workflow = SimpleNamespace(
        in_workflow=lambda: True,
        unsafe=SimpleNamespace(is_replaying_history_events=lambda: replaying),
    )
    monkeypatch.setitem(sys.modules, "temporalio.workflow", workflow)

    structlog.stdlib.get_logger("x").info("stage_entered")

    assert len(raw.getvalue().splitlines()) == lines


HOSTILE = "x\nstack_ready\r\x1b[2J\x9b1A\u202egnp\u200b"


@pytest.mark.parametrize("form", ["console", "json"])
def test_what_is_foreign_stays_in_its_line(form: str) -> None:
    raw, out = stream()
    siwen_logging.configure(load_settings(log=form), stream=out)

    structlog.stdlib.get_logger("x").warning("not_signed", why=HOSTILE)
    logging.getLogger("y").warning("%s", HOSTILE)

    lines = raw.getvalue().decode().split("\n")[:-1]
    assert len(lines) == 2
    assert all(line.isprintable() for line in lines)
    if form == "json":
        assert json.loads(lines[0])["why"] == HOSTILE
