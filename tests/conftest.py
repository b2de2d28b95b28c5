"""What all tests share: where the reference data are, and Hypothesis without time limits."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("headrace", deadline=None, print_blob=True)
settings.load_profile("headrace")

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def reference_data() -> Path:
    """The folder of published data that results are checked against; tests that need it are skipped without it."""
    folder = Path(os.environ.get("HEADRACE_REFERENCE_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip("needs the reference data: set HEADRACE_REFERENCE_DATA to their folder")
    return folder
