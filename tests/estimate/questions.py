"""Questions that the tests ask, with one thing changed at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from headrace.estimate.known import chip, model
from headrace.estimate.operators import Plan
from headrace.estimate.question import Question

if TYPE_CHECKING:
    from headrace.estimate.inference import Estimate


def ask(name: str = "Qwen3-8B", on: str = "H20", **changed: Any) -> Question:
    """A question about one replica on one chip."""
    usual: dict[str, Any] = {"plan": Plan(), "precision": "bf16", "input": 1024.0, "output": 256.0, "asked": 8.0}
    return Question(model(name), chip(on), **usual | changed)


def answer(question: Question) -> Estimate:
    """The estimate of a question that fits."""
    from headrace.estimate.inference import Estimate, estimate

    found = estimate(question)
    assert isinstance(found, Estimate)
    return found
