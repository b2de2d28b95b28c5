"""The verbs, and what is said of each. A verb's own file is imported when the verb is used."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from headrace import __version__
from headrace.cli.calibrate_verb import calibrate
from headrace.cli.client_verbs import add_to as add_client
from headrace.cli.estimate_verbs import add_to as add_estimates
from headrace.cli.facts_verbs import Lang, add_to
from headrace.cli.help import PLAIN, WIDEST, Verbs
from headrace.cli.serve_verbs import add_to as add_serve

app = typer.Typer(
    name="headrace",
    help="Says where every chip-hour of a mixed accelerator fleet went, and what better sharing would give.",
    cls=Verbs,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": WIDEST},
    **PLAIN,
)

Log = Annotated[Path, typer.Argument(help="A job log: Headrace's own Parquet or CSV, or a form named with --format.")]
FleetFile = Annotated[Path | None, typer.Option("--fleet", "-f", help="The fleet file (fleet.toml).")]
Format = Annotated[
    str | None, typer.Option(help="The log's form: own, slurm, philly, openb. Told from the file if not given.")
]
Zone = Annotated[
    str | None, typer.Option("--tz", help="Zone of times that state none, such as Asia/Shanghai. Never guessed.")
]
Events = Annotated[
    Path | None,
    typer.Option("--node-events", help="When nodes were down or drained: `sacctmgr -P show event`, or an own table."),
]
Strict = Annotated[bool, typer.Option("--strict", help="A row that cannot be understood is an error (exit 2).")]
Policies = Annotated[
    list[str] | None,
    typer.Option("--policy", "-p", help="order[+backfill]/place, such as fair+easy/fgd; may be given several times."),
]
Relax = Annotated[
    list[str] | None,
    typer.Option("--relax", help="Do without a wall: partition, kind or quota. May be repeated."),
]
Seed = Annotated[int, typer.Option(min=0, help="Seed of whatever is drawn at random.")]
Checkpoint = Annotated[
    float | None,
    typer.Option("--assume-checkpoint", min=0, help="Seconds between checkpoints, for jobs whose log does not tell."),
]
From = Annotated[
    str | None,
    typer.Option("--from", help="The ledger begins here, such as 2026-01-31: UTC, or as it or --tz says."),
]
To = Annotated[
    str | None, typer.Option("--to", help="The ledger ends here; by default at the last instant of the log.")
]
Out = Annotated[Path, typer.Option("--out", "-o", help="Folder for report.html and study.json.")]


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"headrace {__version__}")
        raise typer.Exit


@app.callback()
def headrace(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    pass


@app.command()
def study(
    log: Annotated[Path | None, typer.Argument(help="A job log; the built-in sample if none is given.")] = None,
    fleet: FleetFile = None,
    out: Out = Path("study"),
    policy: Policies = None,
    relax: Relax = None,
    shrink: Annotated[bool, typer.Option("--shrink", help="Also find the smallest fleet that keeps the wait.")] = False,
    format: Format = None,
    tz: Zone = None,
    node_events: Events = None,
    strict: Strict = False,
    begin: From = None,
    end: To = None,
    assume_checkpoint: Checkpoint = None,
    seed: Seed = 1,
    lang: Lang = None,
) -> None:
    """Where did my chip-hours go, and what would sharing give me? Tables, report.html and study.json."""
    from headrace.cli.inputs import Asking, Source
    from headrace.cli.study import run

    source = Source(log, fleet, format, tz, node_events, strict) if log is not None else None
    run(source, out, Asking(policy, relax, assume_checkpoint, begin, end, tz, seed, lang), shrink)


@app.command("import")
def import_(
    form: Annotated[str, typer.Argument(help="The history's form: slurm, philly, openb, own.")],
    history: Annotated[Path, typer.Argument(help="The history, such as the text of `sacct -P -D`.")],
    out: Annotated[Path, typer.Option("-o", "--out", help="The log to write: .parquet or .csv.")],
    node_events: Events = None,
    nodes: Annotated[
        Path | None, typer.Option(help="Text of `scontrol show node` or `sinfo -N`: what the fleet is made of.")
    ] = None,
    fleet_out: Annotated[Path | None, typer.Option(help="Write a draft of fleet.toml from --nodes.")] = None,
    tz: Zone = None,
    strict: Strict = False,
    lang: Lang = None,
) -> None:
    """Can you read my history? From Slurm or a public trace to a job log in Headrace's own form."""
    from headrace.cli.import_ import run
    from headrace.cli.inputs import Source

    run(Source(history, None, form, tz, node_events, strict), out, nodes, fleet_out, lang)


@app.command()
def explain(
    log: Log,
    fleet: FleetFile = None,
    policy: Annotated[
        str, typer.Option("--policy", "-p", help="For a log without start times: the policy to replay first.")
    ] = "fifo/first",
    format: Format = None,
    tz: Zone = None,
    node_events: Events = None,
    strict: Strict = False,
    begin: From = None,
    end: To = None,
    seed: Seed = 1,
    lang: Lang = None,
) -> None:
    """Where did every chip-hour go? The ledger."""
    from headrace.cli.explain import run
    from headrace.cli.inputs import Asking, Source

    asking = Asking([policy], begin=begin, end=end, tz=tz, seed=seed, lang=lang)
    run(Source(log, fleet, format, tz, node_events, strict), asking)


@app.command()
def replay(
    log: Log,
    fleet: FleetFile = None,
    policy: Policies = None,
    relax: Relax = None,
    format: Format = None,
    tz: Zone = None,
    node_events: Events = None,
    strict: Strict = False,
    begin: From = None,
    end: To = None,
    assume_checkpoint: Checkpoint = None,
    seed: Seed = 1,
    json: Annotated[str | None, typer.Option(help="Write the figures as JSON to this file, or - for stdout.")] = None,
    lang: Lang = None,
) -> None:
    """What would another policy have done? A comparison table."""
    from headrace.cli.inputs import Asking, Source
    from headrace.cli.replay import run

    source = Source(log, fleet, format, tz, node_events, strict)
    run(source, Asking(policy, relax, assume_checkpoint, begin, end, tz, seed, lang), json)


@app.command()
def sweep(
    file: Annotated[Path, typer.Argument(help="The sweep file (sweep.toml): a log, fleets, policies, seeds, walls.")],
    out: Annotated[
        Path, typer.Option("--out", "-o", help="Folder for sweep.parquet, sweep.html and what is kept of each replay.")
    ] = Path("sweep"),
    workers: Annotated[
        int | None, typer.Option(min=1, help="How many processes; by default, and at most, as many as there are cores.")
    ] = None,
    ray: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="Replay on the Ray cluster there: auto, or HOST:PORT.")
    ] = None,
    lang: Lang = None,
) -> None:
    """Which policy, fleet or wall makes what difference? A grid of replays, resumed where it was interrupted."""
    from headrace.cli.sweep import run

    run(file, out, workers, ray, lang)


@app.command()
def fill(
    nodes: Annotated[Path, typer.Option(help="What is filled: a fleet.toml, or an openb node list.")],
    jobs: Annotated[Path, typer.Option(help="The mix of jobs: a job log, each job of which is taken once.")],
    place: Annotated[
        list[str] | None,
        typer.Option(help="Placement rules, such as best,fgd; may be repeated. first,best,fgd if not given."),
    ] = None,
    until: Annotated[
        float | None, typer.Option(min=0.01, max=100, help="Jobs arrive until so many of the fleet's chips; 1.3.")
    ] = None,
    seed: Annotated[int | None, typer.Option(min=0, help="Seed of whatever is drawn at random; 1.")] = None,
    seeds: Annotated[str | None, typer.Option(help="Several seeds, such as 42..51: figures are their means.")] = None,
    arrivals: Annotated[
        Path | None, typer.Option(help="The exact order of arrival: CSV with a column job or pod. Drawn if not given.")
    ] = None,
    node_order: Annotated[
        Path | None, typer.Option(help="Of equal nodes the first here is taken: a node a line, or placements.")
    ] = None,
    relax: Relax = None,
    shuffle_nodes: Annotated[
        bool, typer.Option("--shuffle-nodes", help="Draw the order of the nodes too, anew with each seed.")
    ] = False,
    placements: Annotated[
        Path | None, typer.Option(help="Write where each job went as CSV; a file each for several rules or seeds.")
    ] = None,
    json: Annotated[str | None, typer.Option(help="Write the figures as JSON to this file, or - for stdout.")] = None,
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder for fill.html.")] = Path("fill"),
    format: Format = None,
    tz: Zone = None,
    lang: Lang = None,
) -> None:
    """How full can this fleet get with this mix of jobs? Jobs arrive, none leaves; rules of placement side by side."""
    from headrace.cli import fill as verb
    from headrace.cli.inputs import Source
    from headrace.replay.relax import known_walls

    source, walls = Source(jobs, None, format, tz), known_walls(relax or ())
    chosen = verb.places(place), verb.seeds(seed, seeds)
    call = verb.Call(nodes, source, *chosen, arrivals, node_order, shuffle_nodes, until, walls)
    verb.run(call, placements, json, out, lang)


@app.command()
def sample(
    out: Annotated[Path, typer.Option("-o", "--out", help="The log to write: .parquet or .csv.")],
    fleet_out: Annotated[Path | None, typer.Option(help="Where to write the sample's fleet.toml.")] = None,
    jobs: Annotated[int, typer.Option(help="How many jobs.")] = 40_000,
    nodes: Annotated[int | None, typer.Option(help="How many nodes; by default as many as these jobs need.")] = None,
    seed: Seed = 1,
) -> None:
    """A synthetic log of a plausible mixed centre, to try things on."""
    from headrace.cli.sample import run

    run(out, fleet_out, jobs, nodes, seed)


@app.command()
def watchdog(
    config: Annotated[Path, typer.Option("--config", help="headrace.toml, with [watchdog] and [slurm].")] = Path(
        "headrace.toml"
    ),
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be done, and do nothing.")] = False,
    lang: Lang = None,
) -> None:
    """Nobody drives the fleet? Let Slurm start jobs by itself, until somebody does. For cron, once a minute."""
    from headrace.cli.watchdog import run

    run(config, dry_run, lang)


app.command()(calibrate)
add_to(app)
add_estimates(app)
add_client(app)
add_serve(app)
