"""How every process of Caesura logs: one JSON object per line on standard error.

`caesura serve` keeps each process's lines in DATA/log/<process>.log and repeats errors on its
terminal, where its own are plain text. The standard library's loggers go the same way.

Everything ends in handlers of the standard library, which let no error out: a full disk must cost a
line of the log and nothing else. (structlog's own default raises, in the midst of whatever logs.)
"""

from __future__ import annotations

import logging
import sys
from pathlib import Path
from typing import Any

import structlog
from structlog.typing import EventDict, Processor


def configure(process: str, level: int = logging.INFO) -> None:
    """Set up logging for this process, once, at its start."""
    shared = _shared(process)
    _install(shared, [_handler(logging.StreamHandler(sys.stderr), shared, _json())], level)


def configure_terminal(process: str, file: Path, level: int = logging.INFO) -> None:
    """As `configure`, for the process at the terminal: plain text there, JSON in `file`."""
    shared = _shared(process)
    plain = structlog.dev.ConsoleRenderer(
        colors=sys.stderr.isatty(),
        timestamp_key="at",
        exception_formatter=structlog.dev.plain_traceback,
    )
    handlers = [
        _handler(logging.StreamHandler(sys.stderr), shared, [_without_process, plain]),
        _handler(logging.FileHandler(file), shared, _json()),
    ]
    _install(shared, handlers, level)


def _shared(process: str) -> list[Processor]:
    def name_process(_: Any, __: str, event: EventDict) -> EventDict:
        event.setdefault("process", process)
        return event

    return [
        name_process,
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
    ]


def _json() -> list[Processor]:
    return [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]


def _without_process(_: Any, __: str, event: EventDict) -> EventDict:
    if event.get("process") == "serve":
        del event["process"]
    return event


def _handler(
    handler: logging.Handler, shared: list[Processor], last: list[Processor]
) -> logging.Handler:
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
        )
    )
    return handler


def _install(shared: list[Processor], handlers: list[logging.Handler], level: int) -> None:
    root = logging.getLogger()
    for old in root.handlers:
        old.close()
    root.handlers[:] = handlers
    root.setLevel(level)
    for talkative in ("httpx", "alembic"):
        logging.getLogger(talkative).setLevel(logging.WARNING)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )
