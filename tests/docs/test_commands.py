"""What the documents tell a reader to type works, and what they show of the sample is what is printed."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from shutil import copy
from typing import Final

import pytest
from tests.conftest import ROOT
from tests.docs.pages import LANGUAGES, blocks, commands, lines_of, of_language, page, pages

import headrace

SLURM: Final = ROOT / "tests" / "fixtures" / "slurm"
SUBSTITUTIONS: Final = {"--jobs 40000": "--jobs 300", "--jobs 1000000 --nodes 10000": "--jobs 300 --nodes 10"}
"""What is run in place of what is shown, so that these tests do not take minutes."""
EXTERNAL: Final = ("export", "make", "sacct", "sacctmgr", "scontrol")
"""Commands of others, which need a cluster or the network, that a `sh` block may show."""

EXPORTED: Final = ("sacct.txt", "events.txt", "nodes.txt")
MADE: Final = ("log.parquet", "log.events.parquet", "fleet.toml")
FOREIGN: Final = {
    "philly_jobs.csv": "timestamp,duration,num_gpus,gpu_time,cluster\n"
    "2026-03-02 08:00:00,3600.0,4,14400.0,a1\n2026-03-02 08:10:00,600.0,16,9600.0,b2\n",
    "openb_pods.csv": "name,cpu_milli,memory_mib,num_gpu,gpu_milli,gpu_spec,qos,pod_phase,"
    "creation_time,deletion_time,scheduled_time\n"
    "pod-1,6000,12288,1,1000,,LS,Running,0,900,10\npod-2,4000,8192,1,500,A10|T4,BE,Running,60,300,65\n",
}
"""A few made-up rows in other people's forms."""
CONFIG: Final = """{"num_hidden_layers": 36, "hidden_size": 4096, "num_attention_heads": 32, "num_key_value_heads": 8,
"head_dim": 128, "intermediate_size": 12288, "vocab_size": 151936}
"""
WRITTEN: Final = {
    "offer.md": "Eight H20 servers are offered for October.\n",
    "named.csv": "job,submit,start,end,chips,ran_on,workload\n"
    "chat,2026-03-02T00:00:00Z,2026-03-02T00:00:00Z,2026-03-02T10:00:00Z,8,A800:a800-1,Qwen3-32B decode\n"
    "train,2026-03-02T00:00:00Z,2026-03-02T00:00:00Z,2026-03-02T05:00:00Z,8,H20:h20-1,\n",
    "mixed.toml": 'name = "mixed"\n'
    + "".join(
        f'[[pool]]\nname = "{kind.lower()}"\nkind = "{kind}"\nnodes = 1\nchips = 8\ncpus = 64\nmemory_gib = 512\n'
        f'cost_per_chip_hour = {price}\ncurrency = "CNY"\n'
        for kind, price in (("H20", 6.7), ("A800", 5.9))
    ),
    "served.csv": "job,submit,start,end,state,chips,nodes,ran_on,workload,engine,engine_version,precision,"
    "input,output,batch,tpot_ms,ttft_ms\n"
    + "".join(
        f"s{i},2026-03-02T08:00:00Z,2026-03-02T08:01:00Z,2026-03-02T08:50:00Z,completed,1,1,H20:n1,Qwen3-8B decode,"
        f"vllm,0.9.1,bf16,1024,512,{batch},{6.4 + 0.07 * batch:.1f},{70 + 11 * batch}\n"
        for i, batch in enumerate((4, 4, 8, 8, 16, 16))
    ),
    "config.json": CONFIG,
    "points.csv": "id,source_group,chip,n_chips,model,weight_precision,engine,engine_version,phase,serving_mode,"
    "batch_per_chip,batch_total,concurrency,input_tokens,output_tokens,tp,pp,ep,dp,output_tokens_per_s_total,"
    "total_tokens_per_s_total,train_tokens_per_s_per_chip,ttft_s,tpot_s,metric_note\n"
    + "".join(
        f"p{load},ours,H20,1,Qwen3-8B,bf16,vllm,0.9.1,prefill+decode,,,,{load},1024,256,1,1,1,1,,,,"
        f"{0.1 + 0.02 * load},{0.006 + 0.0002 * load},\n"
        for load in (1, 2, 4, 8, 16)
    ),
    "draft.md": "The Biden administration granted the H20 licence in early July 2025.\n",
}
"""A reader's texts: an offer, logs that name workloads, a fleet, a model's configuration, a wrong draft."""
BEFOREHAND: Final[dict[str, tuple[str, ...]]] = {
    "README.md": (*EXPORTED, "fleet.toml", "sweep.toml", "job.toml", *WRITTEN),
    "docs/en/study.md": EXPORTED,
    "docs/en/ledger.md": (*MADE, "named.csv", "mixed.toml"),
    "docs/en/policies.md": MADE,
    "docs/en/formats.md": (*EXPORTED, *MADE, *FOREIGN, "cut-short.txt"),
    "docs/en/sample.md": (),
    "docs/en/fill.md": (),
    "docs/en/chips.md": ("offer.md", "draft.md"),
    "docs/en/estimates.md": ("config.json", "job.toml", "points.csv"),
    "docs/en/calibrate.md": (*MADE, *WRITTEN),
    "docs/en/why-placement.md": (),
    "docs/en/sweep.md": (*MADE, "sweep.toml"),
}
"""Page -> the files that its reader has before the first command. The other pages have no commands of their own."""

_TIME: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d")


@pytest.fixture(scope="session")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with every file that some page takes for granted, and a `headrace` to put on PATH."""
    folder = tmp_path_factory.mktemp("desk")
    (folder / "bin").mkdir()
    script = folder / "bin" / "headrace"
    script.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m headrace "$@"\n', encoding="utf-8")
    script.chmod(0o755)
    copy(SLURM / "sacct-epoch.txt", folder / "sacct.txt")
    copy(SLURM / "nodes.txt", folder)
    copy(SLURM / "sacct-cut-array.txt", folder / "cut-short.txt")
    (folder / "events.txt").write_text(_TIME.sub(_epoch, (SLURM / "events.txt").read_text("utf-8")), encoding="utf-8")
    for name, text in (FOREIGN | WRITTEN).items():
        (folder / name).write_text(text, encoding="utf-8")
    sweep = next(lines for kind, lines in blocks(page("docs/en/sweep.md")) if kind == "toml sweep")
    (folder / "sweep.toml").write_text("\n".join(sweep), encoding="utf-8")
    job = next(lines for kind, lines in blocks(page("docs/en/estimates.md")) if kind == "toml job")
    (folder / "job.toml").write_text("\n".join(job), encoding="utf-8")
    first = commands(page("docs/en/study.md"))[0]
    assert "import slurm" in first.text
    assert _run(first.text, folder, folder).returncode == 0
    return folder


def _epoch(found: re.Match[str]) -> str:
    """As SLURM_TIME_FORMAT=%s writes it; the clock of that Slurm showed UTC."""
    return str(int(datetime.fromisoformat(found[0]).replace(tzinfo=UTC).timestamp()))


def _run(text: str, desk: Path, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a command in `folder`, as a shell would, where nothing is a terminal."""
    for shown, run in SUBSTITUTIONS.items():
        text = text.replace(shown, run)
    env = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES", "LANG", "LC_MESSAGES")}
    env |= {
        "PATH": f"{desk / 'bin'}{os.pathsep}{env['PATH']}",
        "PYTHONPATH": str(Path(headrace.__file__).parents[1]),
        "LC_ALL": "C.UTF-8",
        "PYTHONIOENCODING": "utf-8",
        "XDG_DATA_HOME": str(folder),
    }
    return subprocess.run(["sh", "-c", text], cwd=folder, env=env, capture_output=True, text=True, encoding="utf-8")


@pytest.mark.parametrize("name", BEFOREHAND)
def test_the_commands_of_a_page_work_in_the_order_shown(name: str, desk: Path, tmp_path: Path) -> None:
    for needed in BEFOREHAND[name]:
        copy(desk / needed, tmp_path)
    shown, printed = commands(page(name)), set[str]()
    assert shown
    for command in shown:
        ended = _run(command.text, desk, tmp_path)
        printed.update(line.rstrip() for line in ended.stdout.splitlines())
        assert ended.returncode == command.code, f"$ {command.text}\n{ended.stdout}{ended.stderr}"
        assert "Traceback" not in ended.stderr
    assert [line for line in lines_of("text printed", page(name)) if line.rstrip() not in printed] == []


@pytest.mark.parametrize("name", [name for name in pages() if name not in BEFOREHAND])
def test_no_other_page_has_commands_but_those_of_its_english_twin(name: str) -> None:
    twin = name.replace(".zh.md", ".md").replace("docs/zh/", "docs/en/")
    assert commands(page(name)) == commands(page(twin))
    assert lines_of("text printed", page(name)) == lines_of("text printed", page(twin))
    assert twin in BEFOREHAND or not commands(page(name))


@pytest.mark.parametrize("name", pages())
def test_what_is_not_run_is_a_command_of_somebody_else(name: str) -> None:
    for line in lines_of("sh", page(name)):
        words = [word for word in line.split("#")[0].split() if not re.match(r"[A-Z_]+=", word)]
        assert words[0] in EXTERNAL, f"{line!r} is run by no test: put it into a console block, or name it in EXTERNAL"


@pytest.mark.parametrize("name", pages())
def test_a_console_block_shows_commands_of_headrace_alone(name: str) -> None:
    for line in lines_of("console", page(name)):
        assert line.startswith("$ headrace "), line


@pytest.fixture(scope="session")
def printed(desk: Path) -> list[str]:
    """What a study of the built-in sample prints, in both languages."""
    ended = _run("headrace study --out sample-study --lang both", desk, desk)
    assert ended.returncode == 0, ended.stderr
    return [line.rstrip() for line in ended.stdout.splitlines()]


@pytest.mark.parametrize("name", ["README.md", "README.zh.md", *(f"docs/{lang}/study.md" for lang in LANGUAGES)])
def test_what_a_page_shows_of_the_sample_is_what_is_printed(name: str, printed: list[str]) -> None:
    shown = [line.rstrip() for line in lines_of("text sample", page(name)) if line.strip() != "…"]
    assert shown
    rest = iter(printed)
    for line in shown:
        assert line in rest, f"the study of the sample does not print, or not here: {line}"


def test_each_language_shows_as_many_excerpts() -> None:
    counts = {lang: [len(lines_of("text sample", text)) for text in of_language(lang).values()] for lang in LANGUAGES}
    assert [bool(n) for n in counts["en"]] == [bool(n) for n in counts["zh"]]
