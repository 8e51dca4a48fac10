"""How every process of ours logs: structlog events, lines for people or JSON for machines.

The standard library's records (Temporal's SDK, asyncio) take the same road, so that one file has
one form.
"""

from __future__ import annotations

import io
import logging
import sys
from typing import Any, TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from runtime.settings import Settings
from runtime.visible import visible, visible_json


def configure(settings: Settings, *, stream: TextIO | None = None) -> None:
    """Send all logging of this process to `stream` (standard error unless given)."""
    target = sys.stderr if stream is None else stream
    make_safe(target)
    level = logging.getLevelNamesMapping()[settings.log_level.upper()]
    shared: list[Processor] = [
        drop_replayed,
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(target)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                *_render(settings, target),
            ],
            foreign_pre_chain=[*shared, structlog.stdlib.ExtraAdder()],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)


def drop_replayed(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Drop what a workflow said already when its history was made.

    Raises `structlog.DropEvent` inside a workflow that is being replayed.
    """
    # Looked up, not imported: commands without workflows need not pay for the SDK.
    workflow: Any = sys.modules.get("temporalio.workflow")
    if (
        workflow is not None
        and workflow.in_workflow()
        and workflow.unsafe.is_replaying_history_events()
    ):
        raise structlog.DropEvent
    return event


def make_safe(stream: TextIO) -> None:
    """Let a stream that is not UTF-8 print what it can of any text instead of raising."""
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors="backslashreplace")


def _render(settings: Settings, target: TextIO) -> list[Processor]:
    if settings.log == "json":
        return [
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=not _is_utf8(target)),
            _visible_json,
        ]
    return [_visible, structlog.dev.ConsoleRenderer(colors=target.isatty())]


def _visible(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Escape what came from outside, line ends too: a line of the log is one line."""
    return {
        key: visible(value).replace("\n", "\\n") if isinstance(value, str) else value
        for key, value in event.items()
    }


def _visible_json(_: WrappedLogger, __: str, line: Any) -> Any:
    return visible_json(line)


def _is_utf8(stream: TextIO) -> bool:
    return (stream.encoding or "").lower().replace("-", "") == "utf8"
