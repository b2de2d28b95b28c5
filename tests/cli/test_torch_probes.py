"""Probes in PyTorch: with a made-up accelerator's clock, and for real where PyTorch is installed."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest

from headrace.cli.measure import torch_device
from headrace.cli.measure.torch_clock import MOST, WARM, Clock
from headrace.cli.measure.torch_device import KINDS, opened
from headrace.errors import CallError
from headrace.estimate.probe_plan import Probe, plan
from headrace.estimate.probed import Refused, Timed


@dataclass
class FakeTorch:
    """PyTorch with an accelerator that writes down what it is told, and whose clock goes on 1 ms a call."""

    now: float = 0.0
    told: list[str] = field(default_factory=list)
    int8: str = "int8"

    @property
    def cuda(self) -> Any:
        return SimpleNamespace(
            Event=lambda enable_timing: FakeEvent(self), synchronize=lambda: self.told.append("wait")
        )

    def empty(self, _: int, *, dtype: str, device: str) -> Any:
        return SimpleNamespace(zero_=lambda: self.told.append("flush"))

    def call(self) -> None:
        self.told.append("call")
        self.now += 1.0


@dataclass
class FakeEvent:
    torch: FakeTorch
    at: float = 0.0

    def record(self) -> None:
        self.torch.told.append("mark")
        self.at = self.torch.now

    def elapsed_time(self, other: FakeEvent) -> float:
        return other.at - self.at


def test_an_accelerator_is_timed_by_its_own_marks_around_each_call_after_its_cache_was_flushed() -> None:
    """A millisecond by the device's clock, however long the host took."""
    torch = FakeTorch()
    assert Clock(torch, "cuda").of_runs(torch.call, 2) == pytest.approx(1e-3)
    assert torch.told == ["flush", "mark", "call", "mark"] * 2 + ["wait"]


def test_a_call_is_warmed_up_and_run_no_more_often_than_is_useful() -> None:
    """A thousand seconds for what takes none are not used up."""
    torch = FakeTorch()
    Clock(torch, "cuda").median(torch.call, 1000.0)
    assert torch.told.count("call") == WARM + MOST
    assert torch.told.count("flush") == MOST


def test_without_pytorch_a_sentence_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """And so it does where PyTorch is there and cannot be loaded."""
    for error, said in (
        (ModuleNotFoundError("No module named 'torch'", name="torch"), "PyTorch is not installed"),
        (OSError("libcudart.so: no such file"), "cannot be loaded .libcudart"),
    ):
        monkeypatch.setattr(torch_device, "import_module", _raises(error))
        with pytest.raises(CallError, match=said), opened("auto"):
            pass


def _raises(error: Exception) -> Any:
    def wanted(_: str) -> object:
        raise error

    return wanted


def test_a_device_that_is_not_here_is_told_with_those_that_are() -> None:
    """Needs PyTorch."""
    torch = pytest.importorskip("torch")
    missing = next(
        kind for kind in KINDS if kind != "cpu" and not (hasattr(torch, kind) and getattr(torch, kind).is_available())
    )
    with (
        pytest.raises(CallError, match=f"--device {missing}: PyTorch finds none here; it finds .*cpu"),
        opened(missing),
    ):
        pass


@pytest.mark.filterwarnings("ignore")
def test_every_family_is_timed_on_a_processor() -> None:
    """One small probe each, exchanges between two processes among them. Needs PyTorch."""
    pytest.importorskip("torch")
    firsts = {(probe.family, probe.precision): probe for probe in plan(("bf16", "int8"), 2, small=True)}
    with opened("cpu") as subject:
        found = [subject.device.time(probe, 0.01) for probe in firsts.values()]
    assert [one for one in found if not isinstance(one, Timed) or one.seconds <= 0] == []


@pytest.mark.filterwarnings("ignore")
def test_what_a_device_cannot_do_is_refused_with_what_it_said() -> None:
    """An exbibyte. Needs PyTorch."""
    pytest.importorskip("torch")
    with opened("cpu") as subject:
        found = subject.device.time(Probe("copy", "bf16", (1 << 60,)), 0.01)
    assert isinstance(found, Refused)
    assert (found.reason, bool(found.said)) == ("memory", True)
