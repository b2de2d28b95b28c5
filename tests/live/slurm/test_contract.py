"""Slurm does what every engine must do."""

from __future__ import annotations

import pytest
from tests.live.contract import EngineContract

pytestmark = pytest.mark.slurm


class TestSlurmEngine(EngineContract):
    """On real daemons; the fixture `fleet` is that of conftest.py."""
