"""The same sweep on a Ray cluster gives the same bytes."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.util import find_spec
from typing import TYPE_CHECKING

import pytest
from tests.sweep.desks import run

if TYPE_CHECKING:
    from pathlib import Path

needs_ray = pytest.mark.skipif(find_spec("ray") is None, reason="needs Ray: pip install 'headrace[ray]'")


@needs_ray
def test_a_ray_cluster_makes_the_same_bytes(desk: Path) -> None:
    here = run("sweep", "sweep.toml", "--out", "here", cwd=desk)
    assert here.returncode == 0, here.stderr
    there = run("sweep", "sweep.toml", "--out", "there", "--ray", "local", cwd=desk)
    assert there.returncode == 0, there.stderr
    assert "Traceback" not in there.stderr
    assert (desk / "there" / "sweep.parquet").read_bytes() == (desk / "here" / "sweep.parquet").read_bytes()


@needs_ray
def test_an_address_where_no_cluster_answers_is_told(desk: Path) -> None:
    done = run("sweep", "sweep.toml", "--ray", "127.0.0.1:1", cwd=desk)
    assert done.returncode == 2
    assert "no Ray cluster answers there" in done.stderr
    assert "Traceback" not in done.stderr


def test_ray_is_imported_only_where_a_cluster_was_asked_for(desk: Path) -> None:
    code = """
import sys, json
from headrace.cli.app import app
try:
    app(["sweep", "sweep.toml"])
except SystemExit:
    pass
import headrace.sweep.cluster
print(json.dumps("ray" in sys.modules))
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=desk, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout.splitlines()[-1]) is False


def test_without_ray_the_way_to_get_it_is_told(desk: Path) -> None:
    (desk / "ray.py").write_text("raise ImportError('not here')\n")
    code = "import sys; sys.path.insert(0, '.'); sys.argv[1:] = ['sweep', 'sweep.toml', '--ray', 'auto'];"
    code += "from headrace.cli import main; main()"
    done = subprocess.run([sys.executable, "-c", code], cwd=desk, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "pip install 'headrace[ray]'" in done.stderr
