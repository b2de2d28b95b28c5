"""JSON on standard output."""

from __future__ import annotations

import json
import sys


def print_json(value: object) -> None:
    """Write `value`, indented, with Chinese as it is."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2, allow_nan=False) + "\n")
