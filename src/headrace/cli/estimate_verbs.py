"""The verbs of estimates: how fast a model runs on chips, which chips suit it, and which kinds suit a job."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from headrace.cli.facts_verbs import Json, Lang  # noqa: TC001 (the command line reads them)
from headrace.errors import CallError

ALWAYS: Final = frozenset({"model", "kinds", "train", "search", "precision", "engine", "version", "json", "lang"})
SERVED: Final = frozenset({"kv_precision", "tp", "pp", "ep", "dp", "batch", "rate", "input", "output", "ttft", "tpot"})
TRAINED: Final = frozenset(
    {"chips", "tp", "pp", "cp", "ep", "micro", "batch", "length", "recompute", "shard", "tokens"}
)
OPTIONS: Final = {
    "": ALWAYS | SERVED | {"cost", "sources"},
    "--search": ALWAYS | {"sources", "kv_precision", "input", "output", "ttft", "tpot"},
    "--train": ALWAYS | TRAINED | {"cost", "sources"},
}
"""What may be told in each way of asking."""

JobFile = Annotated[Path, typer.Argument(help="The job file (job.toml): a model, a phase, how much work.")]


def add_to(app: typer.Typer) -> None:
    """Make these verbs part of `app`."""
    for verb in (estimate, fit, accuracy):
        app.command()(verb)


def estimate(
    context: typer.Context,
    model: Annotated[str, typer.Argument(help="A model by name, or the path of its config.json.")],
    kinds: Annotated[
        list[str] | None,
        typer.Argument(help="Kinds of chips; all that the model fits on if none. With --search: H20=32."),
    ] = None,
    search: Annotated[
        bool, typer.Option("--search", help="The best cuts and loads on so many chips of up to three kinds.")
    ] = False,
    train: Annotated[bool, typer.Option("--train", help="Of training rather than of serving.")] = False,
    precision: Annotated[
        str | None, typer.Option(help="bf16, fp8, int8, int8_wo, int4_wo, mxfp4_wo, fp4; the model's own, or bf16.")
    ] = None,
    kv_precision: Annotated[str | None, typer.Option(help="Of the cache: bf16 or fp8. As the engine is used.")] = None,
    engine: Annotated[
        str | None, typer.Option(help="vllm, sglang, trtllm; with --train megatron, torchtitan, ...")
    ] = None,
    version: Annotated[
        str | None, typer.Option(help="The engine's, such as 0.11. The nearest that was measured.")
    ] = None,
    tp: Annotated[int, typer.Option(min=1, max=1024, help="Tensor ways: chips that share every layer.")] = 1,
    pp: Annotated[int, typer.Option(min=1, max=1024, help="Pipeline stages.")] = 1,
    ep: Annotated[int, typer.Option(min=1, max=1024, help="Expert ways.")] = 1,
    dp: Annotated[int, typer.Option(min=1, max=1024, help="Copies of the attention that share their experts.")] = 1,
    cp: Annotated[int, typer.Option(min=1, max=1024, help="With --train: context ways.")] = 1,
    batch: Annotated[
        int | None,
        typer.Option(min=1, max=10**7, help="Requests at once, as many as fit; with --train sequences a step."),
    ] = None,
    rate: Annotated[
        float | None, typer.Option(min=1e-6, max=1e7, help="Requests a second, in place of --batch.")
    ] = None,
    input: Annotated[int | None, typer.Option(min=1, max=10**7, help="Tokens of a prompt; 1024.")] = None,
    output: Annotated[int | None, typer.Option(min=1, max=10**7, help="Tokens of an answer; 1024.")] = None,
    ttft: Annotated[float | None, typer.Option(min=1e-6, max=1e6, help="Limit of the first token, in seconds.")] = None,
    tpot: Annotated[
        float | None, typer.Option(min=1e-6, max=1e6, help="Limit of each next token, in milliseconds.")
    ] = None,
    chips: Annotated[
        int | None, typer.Option(min=1, max=2**17, help="With --train: chips in all; the fewest that hold it.")
    ] = None,
    micro: Annotated[int, typer.Option(min=1, max=4096, help="With --train: sequences of a micro-batch.")] = 1,
    length: Annotated[
        int | None, typer.Option(min=1, max=10**7, help="With --train: tokens of a sequence; 4096.")
    ] = None,
    recompute: Annotated[bool, typer.Option("--recompute", help="With --train: activations are recomputed.")] = False,
    shard: Annotated[
        bool, typer.Option("--shard", help="With --train: weights and optimizer are spread over the replicas.")
    ] = False,
    tokens: Annotated[
        float | None, typer.Option(min=1, max=1e18, help="With --train: tokens in all, such as 1e12.")
    ] = None,
    cost: Annotated[
        list[str] | None,
        typer.Option(help="Money a chip-hour: 6.7CNY, or H20=6.7CNY for one kind; the catalogue's median rent."),
    ] = None,
    sources: Annotated[bool, typer.Option("--sources", help="Name the rows behind the figures.")] = False,
    json: Json = False,
    lang: Lang = None,
) -> None:
    """How fast does a model run on these chips, what limits it, what do its tokens cost? With 90 % intervals."""
    from headrace.cli.estimate import Call, run

    given = {name for name in context.params if _typed(context, name)}
    _refuse_others(given, search, train)
    told: dict[str, Any] = {field.name: context.params[field.name] for field in fields(Call) if field.name != "given"}
    run(Call(**told, given=frozenset(given)), json, lang)


def _typed(context: typer.Context, name: str) -> bool:
    """Whether the option stands on the command line."""
    source = context.get_parameter_source(name)
    return source is not None and source.name == "COMMANDLINE"


def _refuse_others(given: set[str], search: bool, train: bool) -> None:
    """CallError where an option is of no use in the way of asking, or two ways are asked for."""
    if search and train:
        raise CallError("--search and --train are two questions; ask one at a time")
    way = "--search" if search else "--train" if train else ""
    others = sorted(given - OPTIONS[way])
    if others:
        use = f"of no use with {way}" if way else "for --train alone"
        raise CallError(f"--{others[0].replace('_', '-')} is {use}; `headrace estimate --help` says what is for what")
    if {"batch", "rate"} <= given:
        raise CallError("--batch and --rate are two ways of telling the load; give one of them")


def fit(
    job: JobFile,
    sources: Annotated[bool, typer.Option("--sources", help="Name the rows behind the figures.")] = False,
    json: Json = False,
    lang: Lang = None,
) -> None:
    """Which kinds suit this job? Ranked by time, by money and by energy, with 90 % intervals."""
    from headrace.cli.fit import run

    run(job, sources, json, lang)


def accuracy(
    file: Annotated[Path, typer.Argument(help="Measured points: CSV, or CSV in gzip.")],
    held_out: Annotated[bool, typer.Option("--held-out", help="Refit without parts of it too. Takes minutes.")] = False,
    json: Json = False,
    lang: Lang = None,
) -> None:
    """How good are the estimates on points that were measured? Errors, coverage, and the worst rows by name."""
    from headrace.cli.accuracy import run

    run(file, held_out, json, lang)
