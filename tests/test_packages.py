"""What tests need beside Python is installed where that may be done, and elsewhere a line says what is skipped."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest
from tests.conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path

PACKAGES = ROOT / ".ci" / "packages"


def packages(bin: Path, *needs: str) -> subprocess.CompletedProcess[str]:
    """What the script says where there are no other programs than those in `bin`."""
    return subprocess.run(["/bin/sh", PACKAGES, *needs], env={"PATH": str(bin)}, capture_output=True, text=True)


@pytest.mark.parametrize("user", [0, 1000])
def test_what_may_not_be_installed_is_said_in_one_line(tmp_path: Path, user: int) -> None:
    """Without root, and as root without apt."""
    (tmp_path / "id").write_text(f"#!/bin/sh\necho {user}\n", encoding="utf-8")
    (tmp_path / "id").chmod(0o755)
    done = packages(tmp_path, "slurm")
    said = "packages: what needs these is skipped, since installing them takes root and apt: slurmctld slurmd "
    assert (done.returncode, done.stdout.startswith(said), done.stdout.count("\n"), done.stderr) == (0, True, 1, "")


def test_a_need_that_is_not_known_is_refused(tmp_path: Path) -> None:
    done = packages(tmp_path, "kubernetes")
    assert (done.returncode, done.stderr) == (
        2,
        "packages: 'kubernetes' is not one of browser, postgresql, slurm\n",
    )
