from __future__ import annotations

import re
from string import Formatter

import pytest
import studies
from goldens import console
from tests.remembering import Remembering

from headrace.errors import CallError
from headrace.explain.ledger import Class
from headrace.report import page, terminal, words

ELSEWHERE = (
    *("accuracy.", "brief.", "calibrate.", "chips.", "estimate.", "fill.", "fit.", "live.", "page_live.", "plan."),
    *("serve.", "status.", "sweep.", "watchdog."),
)
"""Tables of words that other rooms, or other reports, show, as their own tests see to."""


def placeholders(message: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(message) if name}


def test_both_languages_have_the_same_keys() -> None:
    assert words.messages("en").keys() == words.messages("zh").keys()


def test_both_languages_show_the_same_values() -> None:
    english, chinese = words.messages("en"), words.messages("zh")
    assert {k: placeholders(m) for k, m in english.items()} == {k: placeholders(m) for k, m in chinese.items()}


def test_every_message_is_shown_somewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    remembering = Remembering(words.messages("en"))
    for module in (page, terminal):
        monkeypatch.setattr(module, "load", lambda lang: words.Words(lang, remembering))
    for study in studies.every_kind():
        page.render(study, "both")
        terminal.render(study, console(140), "en")
        terminal.render_ledger(study.main, study.fleet, console(), "en")
        terminal.render_comparison(study.happened, study.results, study.bounds, study.fleet, console(), "en")
    terminal.render_import(studies.log(), console(), "en")
    terminal.render(studies.unshrunk(), console(), "en")
    assert {key for key in remembering.keys() - remembering.asked if not key.startswith(ELSEWHERE)} == set()


@pytest.mark.parametrize("c", Class)
def test_every_class_is_named_explained_and_remedied(c: Class) -> None:
    keys = words.messages("en").keys()
    assert {f"class.{c.word}", f"meaning.{c.word}", f"read.{c.word}"} <= keys
    assert c is Class.USEFUL or f"remedy.{c.word}" in keys


def test_chinese_is_written_with_chinese_marks() -> None:
    for key, message in words.messages("zh").items():
        prose = re.sub(r"`[^`]*`|\{[^}]*\}", "", message)
        assert not re.search(r"[一-鿿][,;:()?!]|[,;:()?!][一-鿿]", prose), key


def test_no_message_is_the_same_in_both_languages_but_marks_and_forms() -> None:
    english, chinese = words.messages("en"), words.messages("zh")
    same = {
        key
        for key in english
        if english[key] == chinese[key] and re.search("[a-z]{3}", re.sub(r"\{\w+\}", "", english[key]))
    }
    assert same == set()


def test_a_key_that_does_not_exist_is_refused() -> None:
    with pytest.raises(LookupError, match=r"no message 'class\.wasted'"):
        words.load("en")("class.wasted")


def test_a_message_without_its_value_is_refused() -> None:
    with pytest.raises(KeyError):
        words.load("en")("unit.day")


def test_a_language_that_does_not_exist_is_refused_with_those_that_do() -> None:
    with pytest.raises(CallError, match=r"'fr'.*en, zh and both"):
        words.languages("fr")


def test_both_languages_are_english_then_chinese() -> None:
    assert words.languages("both") == ("en", "zh")
