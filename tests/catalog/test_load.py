"""Reading the catalogue: what is no table of facts is refused with the place."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from tests.conftest import ROOT

from headrace.catalog import load
from headrace.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

HEAD = "item,attribute,value,unit,status,as_of,source,locator,note\n"


def test_a_file_with_other_columns_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "chips.csv"
    file.write_text("a,b\n1,2\n")
    with pytest.raises(InputError, match=r"chips\.csv:1: has other columns"):
        list(load._facts(file))


def test_a_row_with_too_few_cells_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "chips.csv"
    file.write_text(HEAD + "H20,power_w,400\n")
    with pytest.raises(InputError, match=r"chips\.csv:2: has 3 cells; a row has 9"):
        list(load._facts(file))


def test_a_status_that_there_is_not_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "chips.csv"
    file.write_text(HEAD + "H20,power_w,400,W,certain,2025,smbom,,\n")
    with pytest.raises(InputError, match=r"chips\.csv:2, status: 'certain' is no status; published, cited, derived"):
        list(load._facts(file))


def test_every_table_is_read_once() -> None:
    assert load.chips() is load.chips()
    assert len(load.every_fact().rows) == sum(len(load.facts(table).rows) for table in load.TABLES)


def test_servers_say_which_chips_they_have_and_sites_what_they_pay() -> None:
    assert load.servers().find("昇腾384超节点").number("chips") == 384
    assert load.servers()["HGX H20 8"].text("chip") == "H20"
    assert load.site()["PUE, national mean"].number("pue") is not None


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_page_about_chips_counts_them_right(lang: str) -> None:
    text = (ROOT / "docs" / lang / "chips.md").read_text(encoding="utf-8")
    counted = [int(number) for number in re.findall(r"(\d+) (?:chips|models|种加速卡|个模型)", text)]
    assert counted[:2] == [len(load.chips()), len(load.models())]
