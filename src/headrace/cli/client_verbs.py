"""The verbs of who uses a shared fleet: submit a job, look at it, ask why it waits, cancel it; nodes and use."""

from __future__ import annotations

from typing import Annotated

import typer

from headrace.errors import CallError


def _refused(value: str | None) -> str | None:
    """A token on the command line is already seen by others: say so, and do not use it."""
    if value is not None:
        raise CallError(
            "a token on the command line is seen by everybody on this machine: set HEADRACE_TOKEN, or write it into "
            "client.toml; and have this one revoked"
        )
    return value


Lang = Annotated[str | None, typer.Option(help="en, zh or both. By the environment's language if not given.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Token = Annotated[
    str | None, typer.Option(callback=_refused, hidden=True, help="Refused: others would see it. Set HEADRACE_TOKEN.")
]


def add_to(app: typer.Typer) -> None:
    """Make these verbs part of `app`."""
    app.command(context_settings={"allow_interspersed_args": False})(submit)
    for verb in (jobs, why, cancel, nodes, usage):
        app.command()(verb)


def submit(
    command: Annotated[list[str], typer.Argument(help="What to run, after --.")],
    chips: Annotated[int, typer.Option("--chips", "-c", min=0, help="Chips on each node.")] = 1,
    nodes: Annotated[int, typer.Option("--nodes", "-n", min=1, help="Nodes, which start together.")] = 1,
    share: Annotated[int, typer.Option(min=1, max=1000, help="Thousandths of each chip; 1000 is all of it.")] = 1000,
    kinds: Annotated[
        str | None, typer.Option(help="Kinds of chip that will do, such as H20,A800; any if none.")
    ] = None,
    pools: Annotated[str | None, typer.Option(help="Pools that will do, such as h20,a800; any if none.")] = None,
    on: Annotated[str | None, typer.Option(help="These nodes and no others, such as h20-1,h20-2.")] = None,
    cpus: Annotated[float, typer.Option(min=0, help="Cores on each node.")] = 0,
    memory: Annotated[float, typer.Option(min=0, help="GiB of memory on each node.")] = 0,
    limit: Annotated[str | None, typer.Option(help="The longest that it may run: 2h, 90m, 1d12h.")] = None,
    checkpoint: Annotated[str | None, typer.Option(help="How often it saves what it can resume from: 30m.")] = None,
    service: Annotated[str, typer.Option("--class", help="normal, serving or spare.")] = "normal",
    name: Annotated[str, typer.Option(help="What you call it.")] = "",
    workload: Annotated[str, typer.Option(help='What it does, such as "Qwen3-32B decode".')] = "",
    tenant: Annotated[str | None, typer.Option(help="For whom; an operator has to say.")] = None,
    env: Annotated[
        list[str] | None, typer.Option(help="A variable that the job sees: NAME, or NAME=VALUE. May be repeated.")
    ] = None,
    json: Json = False,
    lang: Lang = None,
    token: Token = None,
) -> None:
    """Have the shared fleet run a command. Prints the job's number; with Slurm, use sbatch as ever."""
    from headrace.cli.submit import Wish, run

    wish = Wish(
        command, chips, nodes, share, kinds, pools, on, cpus, memory, limit, checkpoint, service, name, workload, tenant
    )
    run(wish, env or (), json, lang)


def jobs(
    tenant: Annotated[str | None, typer.Option(help="Of this tenant alone.")] = None,
    state: Annotated[str | None, typer.Option(help="waiting, starting, running or ended.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="At most so many, those that came last first.")] = 50,
    watch: Annotated[bool, typer.Option("--watch", "-w", help="Show them anew as they change, until Ctrl-C.")] = False,
    json: Json = False,
    lang: Lang = None,
    token: Token = None,
) -> None:
    """The jobs of the shared fleet that your token may see."""
    from headrace.cli.jobs import run

    run(tenant, state, limit, watch, json, lang)


def why(
    job: Annotated[str, typer.Argument(help="A job's number.")],
    json: Json = False,
    lang: Lang = None,
    token: Token = None,
) -> None:
    """Why does this job wait? What is free, what is missing, who is ahead, when it is expected to start."""
    from headrace.cli.why import run

    run(job, json, lang)


def cancel(
    jobs: Annotated[list[str], typer.Argument(help="Jobs' numbers.")],
    json: Json = False,
    lang: Lang = None,
    token: Token = None,
) -> None:
    """End these jobs for good, whether they wait or run."""
    from headrace.cli.cancel import run

    run(jobs, json, lang)


def nodes(json: Json = False, lang: Lang = None, token: Token = None) -> None:
    """The nodes of the shared fleet, those first that take no work, with the reason."""
    from headrace.cli.nodes import run

    run(json, lang)


def usage(
    begin: Annotated[
        str | None, typer.Option("--from", help="From then on, such as 2026-01-31; 30 days back if not given.")
    ] = None,
    end: Annotated[str | None, typer.Option("--to", help="Until then; now if not given.")] = None,
    by: Annotated[str, typer.Option(help="tenant, kind or day.")] = "tenant",
    zone: Annotated[
        str | None, typer.Option("--tz", help="Zone of --from and --to where these state none; UTC.")
    ] = None,
    json: Json = False,
    lang: Lang = None,
    token: Token = None,
) -> None:
    """Who used how many chip-hours, and what they cost."""
    from headrace.cli.usage import run

    run(begin, end, by, zone, json, lang)
