"""JSON logs on standard error: one line an entry, for people and for collectors. Nothing secret is handed to them."""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Any, Final, TextIO

MOST: Final = 4000
"""Characters of one text; a longer one is cut."""


class JsonLines(logging.Formatter):
    """`{"at": ..., "level": ..., "from": ..., "said": ...}`, and the fields given as `extra={"facts": {...}}`."""

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line: dict[str, Any] = {"at": at, "level": record.levelname.lower(), "from": record.name}
        line["said"] = record.getMessage()[:MOST]
        line |= getattr(record, "facts", {})
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)[-MOST:]
        return json.dumps(line, ensure_ascii=False, default=str)


def begin_logs(level: str, stream: TextIO | None = None) -> None:
    """Send what Headrace and its server say to `stream` (standard error), from `level` on."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonLines())
    for name in ("headrace", "uvicorn"):
        logger = logging.getLogger(name)
        logger.handlers, logger.propagate = [handler], False
        logger.setLevel(level.upper())
    if level != "debug":
        logging.getLogger("uvicorn").setLevel(logging.WARNING)
