"""Headrace makes a scarce, mixed accelerator fleet do more work, and shows where every chip-hour went."""

import os
import sys
from hashlib import sha256
from pathlib import Path

__version__ = "0.1.0"


def _cache_of_compiled_code() -> str:
    """A folder for compiled loops that is new for each state of their sources.

    Numba judges a cached function by its own file alone; a function that it calls may have changed in another.
    """
    texts = (path.read_bytes() for path in sorted(Path(__file__).parent.rglob("*.py")))
    compiled = b"".join(text for text in texts if b"njit" in text)
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return str(Path(base) / "headrace" / sha256(compiled + sys.version.encode()).hexdigest()[:16])


_CACHE = os.environ.setdefault("NUMBA_CACHE_DIR", _cache_of_compiled_code())
if "numba" in sys.modules:  # it has read its environment already
    sys.modules["numba"].config.CACHE_DIR = _CACHE
