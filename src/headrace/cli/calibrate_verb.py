"""`headrace calibrate`: three ways to make estimates fit what is at hand."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path  # noqa: TC003 - read by Typer
from typing import Annotated

import typer

from headrace.cli.facts_verbs import Lang  # noqa: TC001 - read by Typer
from headrace.errors import CallError


class Device(StrEnum):
    """What to measure."""

    AUTO = "auto"
    CUDA = "cuda"
    NPU = "npu"
    CPU = "cpu"


def calibrate(
    folder: Annotated[
        Path | None, typer.Argument(help="Tables of measured points and kernels to fit everything from.")
    ] = None,
    measure: Annotated[bool, typer.Option("--measure", help="Measure the chip at hand; needs PyTorch.")] = False,
    from_log: Annotated[
        Path | None, typer.Option("--from-log", help="A job log with throughput: correct estimates by its jobs.")
    ] = None,
    fleet: Annotated[
        Path | None, typer.Option("--fleet", "-f", help="With --from-log: which pool has which chips.")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="The table to write to (a folder for FOLDER); by default your own."),
    ] = None,
    device: Annotated[
        Device | None, typer.Option(help="With --measure: what to measure; the first that is there.")
    ] = None,
    chip: Annotated[
        str | None, typer.Option(help="With --measure: which chip of the catalogue it is, if its name does not tell.")
    ] = None,
    seconds: Annotated[
        float | None, typer.Option(min=1, max=3600, help="With --measure: how long it may take; 300.")
    ] = None,
    small: Annotated[bool, typer.Option("--small", help="With --measure: small shapes, as a processor gets.")] = False,
    keep_kernels: Annotated[
        bool, typer.Option("--keep-kernels", help="With FOLDER: keep the kernels that ship.")
    ] = False,
    lang: Lang = None,
) -> None:
    """Make estimates fit this chip (--measure), this fleet (--from-log), or tables of measured points (FOLDER)."""
    _one_form(folder, measure, from_log)
    _no_stranger("--measure", measure, {"--device": device, "--chip": chip, "--seconds": seconds, "--small": small})
    _no_stranger("--from-log", from_log is not None, {"--fleet": fleet})
    _no_stranger("FOLDER", folder is not None, {"--keep-kernels": keep_kernels})
    if measure:
        from headrace.cli.measure.run import Measure
        from headrace.cli.measure.run import run as measured

        measured(Measure(device or Device.AUTO, chip, seconds or 300.0, small, out), lang)
    elif from_log is not None:
        from headrace.cli.fleet_log import run as corrected
        from headrace.cli.inputs import Source

        corrected(Source(from_log, fleet), out, lang)
    elif folder is not None:
        from headrace.cli.refit import run as refitted

        refitted(folder, keep_kernels, out, lang)


def _one_form(folder: Path | None, measure: bool, from_log: Path | None) -> None:
    given = {"FOLDER": folder is not None, "--measure": measure, "--from-log": from_log is not None}
    named = [name for name, is_there in given.items() if is_there]
    if len(named) != 1:
        said = " and ".join(named) + " cannot go together" if named else "nothing to calibrate by was named"
        raise CallError(f"calibrate: {said}; give one of {', '.join(given)}")


def _no_stranger(form: str, is_there: bool, options: dict[str, object]) -> None:
    """Raises CallError for an option that belongs to another form than the one given."""
    strangers = [name for name, value in options.items() if value] if not is_there else []
    if strangers:
        raise CallError(f"calibrate: {strangers[0]} goes with {form} only")
