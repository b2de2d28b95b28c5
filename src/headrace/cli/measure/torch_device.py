"""The accelerator of this machine as PyTorch finds it."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from importlib import import_module
from platform import machine, processor
from typing import TYPE_CHECKING, Any, Final

from headrace.cli.measure.ring import Ring
from headrace.cli.measure.timing import Subject
from headrace.cli.measure.torch_calls import call_of
from headrace.cli.measure.torch_clock import Clock
from headrace.errors import CallError
from headrace.estimate.probed import Refused, Timed
from headrace.estimate.probes import EXCHANGE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from headrace.estimate.probe_plan import Probe

KINDS: Final = ("cuda", "npu", "cpu")
REFUSALS: Final = (RuntimeError, TypeError, ValueError, AttributeError)
"""What PyTorch raises for a format, a size or a function that a device or a release of it does not have."""
EIGHT_BITS: Final = (8, 9)
"""The compute capability from which CUDA devices multiply 8-bit floats."""
FULL: Final = ("out of memory", "allocate memory")
"""What they say where memory is wanting."""
MOST_SAID: Final = 160


@dataclass
class TorchDevice:
    """One device, and a ring of its neighbours once exchanges are asked for."""

    torch: Any
    kind: str
    clock: Clock = field(init=False)
    ring: Ring | None = None

    def __post_init__(self) -> None:
        self.clock = Clock(self.torch, self.kind)

    def time(self, probe: Probe, within: float) -> Timed | Refused:
        """The median of as many runs as `within` seconds allow, or why there is none."""
        try:
            with self.torch.inference_mode():
                return Timed(probe, self._seconds(probe, within))
        except REFUSALS as error:
            return _refused(probe, error)

    def _seconds(self, probe: Probe, within: float) -> float:
        if probe.family == EXCHANGE:
            size, ways = probe.sizes
            return self._ring_of(ways).seconds(size)
        return self.clock.median(call_of(self.torch, probe, self.kind), within)

    def _ring_of(self, ways: int) -> Ring:
        if self.ring is None or self.ring.ways != ways:
            self.close()
            self.ring = Ring(ways, self.kind)
        return self.ring

    def close(self) -> None:
        """End what was started."""
        if self.ring is not None:
            self.ring.close()
            self.ring = None


def _refused(probe: Probe, error: Exception) -> Refused:
    said = next(iter(str(error).splitlines()), type(error).__name__)[:MOST_SAID]
    full = any(sign in str(error).lower() for sign in FULL)
    return Refused(probe, "memory" if full else "format", said)


@contextmanager
def opened(kind: str) -> Iterator[Subject]:
    """The device of that kind, `auto` being the first that is there. CallError where PyTorch or the device is not."""
    torch = _torch()
    there = [name for name in KINDS if _available(torch, name)]
    if kind != "auto" and kind not in there:
        raise CallError(f"--device {kind}: PyTorch finds none here; it finds {', '.join(there)}")
    device = TorchDevice(torch, there[0] if kind == "auto" else kind)
    try:
        yield _subject(torch, device)
    finally:
        device.close()


def _torch() -> Any:
    try:
        torch = import_module("torch")
    except (ImportError, OSError) as error:
        missing = isinstance(error, ModuleNotFoundError) and error.name == "torch"
        why = "PyTorch is not installed" if missing else f"PyTorch cannot be loaded ({error})"
        raise CallError(f"--measure: {why}; `pip install headrace[measure]` brings it") from None
    with suppress(ImportError):
        import_module("torch_npu")
    return torch


def _available(torch: Any, kind: str) -> bool:
    return kind == "cpu" or (hasattr(torch, kind) and bool(getattr(torch, kind).is_available()))


def _subject(torch: Any, device: TorchDevice) -> Subject:
    software = f"torch {torch.__version__}"
    if device.kind == "cpu":
        name = processor() or machine()
        return Subject(device, "cpu", name, software, ("bf16", "int8"), count=2 if _gloo(torch) else 1)
    there = getattr(torch, device.kind)
    precisions = ("bf16", *_narrow(there)) if device.kind == "cuda" else ("bf16",)
    return Subject(device, device.kind, there.get_device_name(0), software, precisions, there.device_count())


def _narrow(cuda: Any) -> tuple[str, ...]:
    return ("fp8", "int8") if cuda.get_device_capability(0) >= EIGHT_BITS else ("int8",)


def _gloo(torch: Any) -> bool:
    return bool(torch.distributed.is_available() and torch.distributed.is_gloo_available())
