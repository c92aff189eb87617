"""Log lines: JSON by orjson on a pipe, columns on a terminal. Libraries' lines take the same way.

What a line may say is decided where it is written: no token, no password, no private field.
"""

import hashlib
import logging
import re
from typing import Any, TextIO

import orjson
import stamina.instrumentation
import structlog

_GUID = re.compile(r"\{?[0-9A-Fa-f-]{20,}\}?\.[A-Za-z0-9]{3,4}")
OURS = ("sync", "snapshot")
_FIRST: tuple[structlog.typing.Processor, ...] = (
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
)


def file_name(name: str) -> str:
    """What a line may call a file: a name that people gave may hold an address."""
    if _GUID.fullmatch(name):
        return name
    return "#" + hashlib.sha256(name.encode()).hexdigest()[:10]


def configure(stream: TextIO, level: str) -> None:
    """Everything goes to `stream`; ours from `level` on, libraries' only from warnings on: their
    finer lines quote addresses, headers and rows."""
    stamina.instrumentation.set_on_retry_hooks([])  # the guard tells of its own retries
    structlog.configure(
        processors=[*_FIRST, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=_FIRST,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                *(_for_people() if stream.isatty() else _for_machines()),
            ],
        )
    )
    logging.captureWarnings(capture=True)
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(max(logging.getLevelName(level.upper()), logging.WARNING))
    for name in OURS:
        logging.getLogger(name).setLevel(level.upper())


def _for_people() -> list[structlog.typing.Processor]:
    # The default formatter would show every local variable: addresses, rows, tokens.
    return [structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)]


def _for_machines() -> list[structlog.typing.Processor]:
    return [
        structlog.processors.format_exc_info,
        structlog.processors.JSONRenderer(serializer=_json),
    ]


def _json(line: Any, **_: Any) -> str:
    return orjson.dumps(line, default=repr).decode()
