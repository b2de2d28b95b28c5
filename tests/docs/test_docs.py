"""The documents are whole: both languages, every verb, option, policy, class and file form, and no broken link."""

from __future__ import annotations

import re
import subprocess
import tomllib
from decimal import Decimal
from pathlib import Path
from typing import Final

import pytest
from tests.conftest import ROOT
from tests.docs.pages import KINDS, LANGUAGES, blocks, lines_of, of_language, page, pages
from tests.report.studies import study
from typer.core import TyperGroup, TyperOption
from typer.main import get_command

from headrace.cli.app import app
from headrace.cli.job_file import KEYS as KEYS_OF_A_JOB
from headrace.cli.job_file import JobTable, LimitsTable
from headrace.explain.ledger import Class
from headrace.history import READERS
from headrace.history.fleet_file import FleetTable, PoolTable, TenantTable
from headrace.history.log import COLUMNS, EVENT_COLUMNS, OPTIONAL, STATES
from headrace.policy.registry import BACKFILLS, ORDERS, PLACES
from headrace.replay.relax import WALLS
from headrace.report.figures import study_dict
from headrace.sweep.results import OF_THE_CELL, OF_THE_REPLAY
from headrace.sweep.sweep_file import KEYS, SweepTable

WORDS: Final = (
    *("chip", "kind", "node", "pool", "site", "fleet", "tenant", "job", "gang", "share"),
    *("shape", "quota", "plan", "hold", "round", "log", "ledger", "engine", "speed"),
)
"""The words of the design; each has one meaning and one Chinese name."""
LINK: Final = re.compile(r"\]\(([^)\s]+)\)")
ELSEWHERE: Final = re.compile(r"^[a-z]+:")
SOMEBODYS_MACHINE: Final = re.compile(r"/(?:home|root|Users|work|mnt|workspace)/(?!user\b)\w")
HOW_IT_WAS_MADE: Final = ("co-authored-by", "language model", "chatbot", "sub-agent", "this session", "my session")
"""What the files are about is the fleet, not who or what wrote them."""


def test_both_languages_have_the_same_files() -> None:
    assert of_language("en").keys() == of_language("zh").keys()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_map_names_every_page(lang: str) -> None:
    texts = of_language(lang)
    assert {name for name in texts if f"({name})" in texts["index.md"]} == texts.keys() - {"index.md"}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_page_links_its_twin(lang: str) -> None:
    other = next(each for each in LANGUAGES if each != lang)
    assert all(f"(../{other}/{name})" in text for name, text in of_language(lang).items())


@pytest.mark.parametrize("name", pages())
def test_every_link_leads_somewhere(name: str) -> None:
    here = ROOT / name
    for target in LINK.findall(_without_blocks(page(name))):
        if ELSEWHERE.match(target):
            continue
        path, _, heading = target.partition("#")
        there = (here.parent / path).resolve() if path else here
        assert there.exists(), f"{name}: {target}"
        if heading:
            assert heading in _headings(there), f"{name}: {target}"


def _without_blocks(text: str) -> str:
    return re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)


def _headings(path: Path) -> set[str]:
    """The names that headings have as targets of links: lower case, punctuation gone, blanks as hyphens."""
    titles = re.findall(r"^#+ (.*)$", _without_blocks(path.read_text(encoding="utf-8")), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("name", pages())
def test_every_block_says_what_it_is(name: str) -> None:
    assert {kind for kind, _ in blocks(page(name))} <= set(KINDS)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_toml_block_is_toml(lang: str) -> None:
    for text in of_language(lang).values():
        for kind, lines in blocks(text):
            if kind == "toml":
                FleetTable.model_validate(tomllib.loads("\n".join(lines), parse_float=Decimal))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_sweep_file_shown_is_one(lang: str) -> None:
    shown = [lines for text in of_language(lang).values() for kind, lines in blocks(text) if kind == "toml sweep"]
    assert shown
    for lines in shown:
        SweepTable.model_validate(tomllib.loads("\n".join(lines), parse_float=Decimal))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_key_and_every_column_of_a_sweep_has_its_place(lang: str) -> None:
    text = of_language(lang)["sweep.md"]
    assert [name for name in (*KEYS, *OF_THE_CELL) if f"| `{name}` |" not in text] == []
    known = {f"{c.word}_chip_hours" for c in Class}
    assert [name for name in OF_THE_REPLAY if name not in known and f"`{name}`" not in text] == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_job_file_shown_is_one_and_every_key_has_its_place(lang: str) -> None:
    text = of_language(lang)["estimates.md"]
    shown = [lines for kind, lines in blocks(text) if kind == "toml job"]
    assert shown
    for lines in shown:
        JobTable.model_validate(tomllib.loads("\n".join(lines), parse_float=Decimal))
    assert [key for key in (*KEYS_OF_A_JOB, *LimitsTable.model_fields) if f"`{key}`" not in text] == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_verb_and_every_option_is_written_about(lang: str) -> None:
    text = "\n".join(of_language(lang).values())
    for verb, options in _verbs().items():
        assert re.search(rf"headrace {verb}\b", text), verb
        for option in options:
            assert re.search(rf"{option}(?![\w-])", text), f"{verb} {option}"


def _verbs() -> dict[str, list[str]]:
    """Verb -> its options; under "" those of the command itself."""
    group = get_command(app)
    assert isinstance(group, TyperGroup)
    every = {"": group, **group.commands}
    return {
        verb: [name for param in command.params if isinstance(param, TyperOption) for name in param.opts]
        for verb, command in every.items()
    }


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_part_of_a_policy_and_every_wall_has_its_place(lang: str) -> None:
    text = of_language(lang)["policies.md"]
    for part in (*ORDERS, *BACKFILLS, *PLACES):
        assert f"| `{part}` |" in text, part
    for wall in WALLS:
        assert f"`--relax {wall}`" in text, wall


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_class_is_defined(lang: str) -> None:
    text = of_language(lang)["ledger.md"]
    for cls in Class:
        assert f"| `{cls.word}` | {_label(cls, lang)} |" in text, cls.word
    assert "`short`" in text


def _label(cls: Class, lang: str) -> str:
    words = ROOT / "src" / "headrace" / "report" / "words" / f"{lang}.toml"
    return str(tomllib.loads(words.read_text(encoding="utf-8"))["class"][cls.word])


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_column_key_and_reader_has_its_place(lang: str) -> None:
    text = of_language(lang)["formats.md"]
    assert all(f"`{name}`" in text for name in (*COLUMNS, *OPTIONAL, *EVENT_COLUMNS, *STATES))
    assert all(re.search(rf"^### {name}\b", text, flags=re.MULTILINE) for name in READERS)
    for table in (FleetTable, PoolTable, TenantTable):
        assert all(re.search(rf"\b{key}\b", text) for key in table.model_fields)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_key_of_study_json_has_its_place(lang: str) -> None:
    text = of_language(lang)["formats.md"]
    figures = study_dict(study())
    keys = {*figures, *next(iter(figures["policies"].values())), *figures["bounds"]}
    assert not [key for key in keys if f"`{key}`" not in text]


def test_the_readme_is_the_same_in_both_languages() -> None:
    english, chinese = page("README.md"), page("README.zh.md")
    for kind in ("console", "sh"):
        assert [line.split("#")[0].rstrip() for line in lines_of(kind, english)] == [
            line.split("#")[0].rstrip() for line in lines_of(kind, chinese)
        ]
    assert len(lines_of("text sample", english)) == len(lines_of("text sample", chinese))


def test_the_readme_has_the_two_commands_and_every_verb() -> None:
    text = page("README.md")
    assert [line.split("#")[0].strip() for line in lines_of("sh", text)] == ["make run", "make test"]
    assert all(f"$ headrace {verb} " in text for verb in _verbs() if verb)


def test_the_glossary_has_every_word_in_both_languages() -> None:
    rows = dict(re.findall(r"^\| ([^|]+?) \| ([^|]+?) \|", page("GLOSSARY.md"), flags=re.MULTILINE))
    english = {word.lower(): chinese for chinese, word in rows.items()}
    assert [word for word in WORDS if word not in english] == []
    for cls in Class:
        assert english[_label(cls, "en").lower()] == _label(cls, "zh")


def test_decisions_are_numbered_without_a_gap() -> None:
    names = sorted(path.name for path in (ROOT / "docs" / "decisions").glob("*.md"))
    assert [int(name[:4]) for name in names] == list(range(1, len(names) + 1))


def test_every_decision_tells_context_choice_and_cost() -> None:
    for path in (ROOT / "docs" / "decisions").glob("*.md"):
        headings = re.findall(r"^## (.*)$", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
        assert headings == ["Context", "Choice", "What was given up"], path.name


def test_no_file_names_a_folder_of_somebodys_machine() -> None:
    assert {name: found[0] for name, text in _tracked().items() if (found := SOMEBODYS_MACHINE.search(text))} == {}


def test_no_file_tells_how_it_was_written() -> None:
    own = str(Path(__file__).relative_to(ROOT))
    texts = {name: text.lower() for name, text in _tracked().items() if name != own}
    assert [(name, phrase) for name, text in texts.items() for phrase in HOW_IT_WAS_MADE if phrase in text] == []


def _tracked() -> dict[str, str]:
    """Name -> text of the files in version control; binary ones apart."""
    try:
        listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout.decode()
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("needs git, and a clone")
    texts = {}
    for name in filter(None, listed.split("\0")):
        data = (ROOT / name).read_bytes() if (ROOT / name).is_file() else b""
        if b"\0" not in data:
            texts[name] = data.decode(errors="replace")
    return texts
