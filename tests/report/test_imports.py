from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = ("numba", "numpy", "plotly", "polars", "rich")


@pytest.mark.parametrize("module", ["headrace.report", "headrace.report.words", "headrace.report.write"])
def test_words_and_writing_load_nothing_heavy(module: str) -> None:
    code = f"import sys, {module}; print([name for name in {HEAVY} if name in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_the_terminal_needs_no_plotly_and_the_page_no_rich() -> None:
    code = (
        "import sys, headrace.report.terminal; print('plotly' in sys.modules);"
        "[sys.modules.pop(name) for name in list(sys.modules) if name.startswith(('rich', 'headrace.report'))];"
        "import headrace.report.page; print('rich' in sys.modules, 'plotly' in sys.modules)"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert shown == "False\nFalse False\n"
