"""The local engine keeps what every engine promises."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from tests.live.local.conftest import leave
from tests.live.local.lab import Lab, asked, machine

contract = pytest.importorskip("tests.live.contract")

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from headrace.live.engines.local.engine import LocalEngine


class LocalFleet:
    """A machine of three nodes with two chips each, and what can happen to it."""

    user, chooses_chips = "u", False

    def __init__(self, lab: Lab) -> None:
        self.lab = lab

    @property
    def engine(self) -> LocalEngine:
        return self.lab.engine

    def submit(self, seconds: float, chips: int = 1, nodes: int = 1) -> str:
        return self.lab.submit(f"exec sleep {seconds}", asked(nodes=nodes, chips=chips))

    def again(self) -> LocalEngine:
        self.lab.again()
        return self.lab.engine

    def take_down(self, node: str) -> None:
        self.engine.take_down(node, "it fails")

    def bring_back(self, node: str) -> None:
        self.engine.bring_back(node)

    def pass_time(self) -> None:
        time.sleep(0.05)


class TestLocalEngine(contract.EngineContract):  # type: ignore[misc,name-defined]
    """Inherits every test."""

    @pytest.fixture
    def fleet(self, tmp_path: Path) -> Iterator[LocalFleet]:
        """An idle machine."""
        lab = Lab(tmp_path, machine(nodes=3, chips=2))
        yield LocalFleet(lab)
        leave(lab)
