"""`headrace estimate` and `headrace fit` as a user meets them: what is printed, and one sentence for each mistake."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from headrace.cli.app import app
from headrace.cli.estimate import Call
from headrace.cli.model_file import format_of, shape_of
from headrace.errors import CallError, CheckFailedError, HeadraceError, InputError
from headrace.estimate.known import model

if TYPE_CHECKING:
    from pathlib import Path

CONFIG: dict[str, Any] = {
    "num_hidden_layers": 32,
    "hidden_size": 4096,
    "num_attention_heads": 32,
    "num_key_value_heads": 8,
    "intermediate_size": 14336,
    "vocab_size": 128256,
}
JOB = 'model = "Qwen3-8B"\nphase = "serve"\nrequests = 1000\nkinds = ["H20", "H100"]\n'


def headrace(*words: str) -> str:
    """What a call prints. Raises what the call was refused with."""
    ended = CliRunner().invoke(app, list(words), catch_exceptions=False, standalone_mode=False)
    return ended.stdout


def told(*words: str) -> Any:
    """What a call prints as JSON."""
    return json.loads(headrace(*words, "--json"))


def written(folder: Path, text: str) -> str:
    """A job file of this text."""
    (folder / "job.toml").write_text(text, encoding="utf-8")
    return str(folder / "job.toml")


def test_an_estimate_is_printed_in_the_language_asked_for() -> None:
    """English, Chinese, or one after the other."""
    both = headrace("estimate", "Qwen3-8B", "H20", "--lang", "both")
    assert "First token (TTFT), s" in both
    assert "首词元时间 TTFT，秒" in both
    assert "TTFT), s" not in headrace("estimate", "Qwen3-8B", "H20", "--lang", "zh")


def test_limits_are_in_seconds_and_milliseconds_and_json_in_seconds() -> None:
    """--ttft 2 and --tpot 50."""
    asked = told("estimate", "Qwen3-8B", "H20", "--ttft", "2", "--tpot", "50")["asked"]
    assert (asked["ttft_limit_s"], asked["tpot_limit_s"]) == (2.0, 0.05)


def test_a_cost_counts_for_its_kind_or_for_all() -> None:
    """In the currency that is told; the catalogue's median otherwise."""
    call = ("estimate", "Qwen3-8B", "H20", "H100", "--cost", "H100=2.5USD")
    h20, h100 = told(*call)["kinds"]
    assert (h20["cost"]["currency"], h20["cost"]["from"]) == ("CNY", "catalogue")
    assert (h100["cost"]["per_chip_hour"], h100["cost"]["currency"], h100["cost"]["from"]) == (2.5, "USD", "told")


def test_a_cache_in_eight_bits_holds_twice_the_requests() -> None:
    """What is left beside the weights is the same."""
    wide, narrow = (told("estimate", "Qwen3-8B", "H20", "--kv-precision", name)["kinds"][0] for name in ("bf16", "fp8"))
    assert narrow["largest_batch_requests"] == pytest.approx(2 * wide["largest_batch_requests"])


def test_a_model_is_read_from_its_config_or_from_the_folder_of_it(tmp_path: Path) -> None:
    """And is called by its folder."""
    (tmp_path / "mine").mkdir()
    path = tmp_path / "mine" / "config.json"
    path.write_text(json.dumps(CONFIG), encoding="utf-8")
    assert shape_of(str(path)) == shape_of(str(path.parent))
    assert told("estimate", str(path), "H20")["asked"]["model"] == "mine"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is not JSON"),
        ("[1]", "is not a JSON object"),
        ("{}", "does not tell layers"),
        (json.dumps(CONFIG | {"num_attention_heads": -32}), "heads"),
        (json.dumps(CONFIG | {"layer_types": 5}), "wrong type"),
        (json.dumps(CONFIG | {"text_config": "deep"}), "wrong type"),
        (" " * (2**20 + 1), "larger than 1 MiB"),
    ],
)
def test_a_config_that_is_none_is_refused_in_one_sentence(text: str, said: str, tmp_path: Path) -> None:
    """With the file's name."""
    path = tmp_path / "config.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=said):
        shape_of(str(path))


@settings(max_examples=100)
@given(
    st.dictionaries(
        st.sampled_from([*CONFIG, "text_config", "layer_types", "quantization_config", "num_experts", "head_dim"]),
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.lists(st.integers()),
    )
)
def test_whatever_a_config_holds_it_is_a_shape_or_one_sentence(
    tmp_path_factory: pytest.TempPathFactory, changed: dict[str, Any]
) -> None:
    """Never a traceback."""
    path = tmp_path_factory.mktemp("model") / "config.json"
    path.write_text(json.dumps(CONFIG | changed), encoding="utf-8")
    with suppress(HeadraceError):
        assert shape_of(str(path)).layers > 0


def test_a_file_that_is_not_there_is_said_so() -> None:
    """With its name."""
    with pytest.raises(InputError, match=r"nowhere\.json: does not exist"):
        headrace("estimate", "nowhere.json", "H20")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("estimate", "Qwen3-8B", "H2O"), "no chip 'H2O'; near are H20"),
        (("estimate", "Qwen3-9B", "H20"), "no model 'Qwen3-9B'; near are"),
        (("estimate", "Qwen3-8B", "H20", "--precision", "fp3"), "no precision is called fp3.*known: bf16"),
        (("estimate", "Qwen3-8B", "H20", "--kv-precision", "int4"), "one of bf16, fp8"),
        (("estimate", "Qwen3-8B", "H20", "--cost", "6.7"), "is no cost.*write 6.7CNY"),
        (("estimate", "Qwen3-8B", "H20", "--cost", "H100=6CNY"), "not estimated; those are H20"),
        (("estimate", "Qwen3-8B", "H20", "--batch", "8", "--rate", "2"), "give one of them"),
        (("estimate", "Qwen3-8B", "H20", "--micro", "2"), "--micro is for --train alone"),
        (("estimate", "Qwen3-8B", "H20", "--tp", "3"), "--tp: is 3; a divisor of the 32 attention heads"),
        (("estimate", "Qwen3-8B", "H20", "--pp", "99"), "--pp: is 99; Qwen3-8B has 36 layers"),
        (("estimate", "Qwen3-8B", "H20", "--ep", "2"), "--ep: is 2; Qwen3-8B has 0 experts"),
        (("estimate", "--train", "Qwen3-8B", "H20", "--precision", "int4_wo"), "int4_wo is none to train in"),
        (("estimate", "Qwen3-8B", "--tp", "2"), "a plan is for kinds that are named"),
        (("estimate", "--search", "Qwen3-8B", "H20"), "such as H20=32, not 'H20'"),
        (("estimate", "--search", "Qwen3-8B", "H20=0"), "not 'H20=0'"),
        (("estimate", "--search", "Qwen3-8B"), "needs kinds with their number"),
        (("estimate", "--search", "Qwen3-8B", "H20=8", "--tp", "2"), "--tp is of no use with --search"),
        (("estimate", "--search", "--train", "Qwen3-8B", "H20=8"), "two questions"),
        (("estimate", "--train", "Qwen3-8B", "H20", "--rate", "2"), "--rate is of no use with --train"),
        (("estimate", "--train", "Qwen3-8B", "H20", "--chips", "6", "--tp", "4"), "--chips: is 6; a multiple of tp 4"),
        (("estimate", "--train", "Qwen3-8B", "H20", "--chips", "8", "--tp", "1", "--batch", "4"), "--batch: is 4"),
    ],
)
def test_a_mistake_is_one_sentence_that_says_what_would_be_right(words: tuple[str, ...], said: str) -> None:
    """Exit code 2."""
    with pytest.raises((CallError, InputError), match=said) as caught:
        headrace(*words)
    assert caught.value.exit_code == 2


@pytest.mark.parametrize("name", ["rate", "ttft", "tpot", "tokens"])
def test_what_is_no_number_is_refused(name: str) -> None:
    """However it came through the command line."""
    for value in (float("nan"), float("inf")):
        with pytest.raises(CallError, match=f"--{name}"):
            Call("Qwen3-8B", **{name: value})


def test_a_model_that_fits_nowhere_ends_with_one() -> None:
    """Served, trained, or searched for."""
    for words in (("H20",), ("--train", "H20", "--chips", "8"), ("--search", "H20=4")):
        with pytest.raises(CheckFailedError, match="DeepSeek-V3") as caught:
            headrace("estimate", "DeepSeek-V3", *words)
        assert caught.value.exit_code == 1


def test_a_search_prints_choices_and_the_same_as_json() -> None:
    """No choice has more chips than there are."""
    found = told("estimate", "--search", "Qwen3-32B", "H20=8", "H100=4", "--precision", "fp8")
    assert found["choices"]
    assert all(choice["chips"] <= 12 for choice in found["choices"])
    assert "Requests/s" in headrace("estimate", "--search", "Qwen3-32B", "H20=8", "H100=4", "--lang", "en")


def test_a_training_plan_that_is_told_is_taken_as_it_is() -> None:
    """Tensor, pipeline and data ways."""
    call = ("estimate", "--train", "Llama-3.1-70B", "H100", "--chips", "64", "--tp", "8", "--pp", "4")
    assert told(*call, "--shard")["kinds"][0]["plan"] == {"tp": 8, "pp": 4, "cp": 1, "ep": 1, "dp": 2}


def test_the_end_of_a_name_tells_its_precision() -> None:
    """Where none is told; blocks where the model is published in them."""
    assert format_of(model("Qwen3-8B"), "", "Qwen3-8B") == ("bf16", True)
    assert format_of(model("Qwen3-8B"), "", "Qwen/Qwen3-8B-FP8") == ("fp8_block", False)
    assert format_of(model("Llama-3.1-8B"), "fp8", "Llama-3.1-8B") == ("fp8", False)
    assert format_of(model("Qwen3-8B"), "", "Qwen3-8B-AWQ") == ("int4_wo", False)


def test_a_job_is_ranked_in_both_languages(tmp_path: Path) -> None:
    """Three rankings, each in its words."""
    path = written(tmp_path, JOB)
    assert "Chip-hours" in headrace("fit", path, "--lang", "en")
    assert "卡时" in headrace("fit", path, "--lang", "zh")
    assert set(told("fit", path)["rankings"]["time"]) == {"H20", "H100"}


def test_the_chips_that_are_there_are_the_kinds_where_none_is_named(tmp_path: Path) -> None:
    """And time is in hours of all of them."""
    path = written(tmp_path, 'model = "Qwen3-8B"\nphase = "prefill"\ntokens = 1000\n[chips]\nH20 = 4\n')
    assert [one["kind"] for one in told("fit", path)["kinds"]] == ["H20"]
    assert "Hours" in headrace("fit", path, "--lang", "en")


def test_costs_in_another_currency_are_not_mixed_with_the_catalogues(tmp_path: Path) -> None:
    """A kind whose cost is not told has none."""
    path = written(tmp_path, JOB + 'currency = "USD"\n[cost_per_chip_hour]\nH100 = 2.5\n')
    found = told("fit", path)
    assert found["rankings"]["money"] == ["H100"]
    assert [one["cost"] and one["cost"]["currency"] for one in found["kinds"]].count("USD") == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("phase = ", "is not TOML"),
        (JOB + "speed = 3\n", "speed: is no key of a job file; possible here are model, config"),
        (JOB.replace('"serve"', '"sleep"'), "phase: is 'sleep'"),
        (JOB.replace("1000", '"many"'), "requests: is 'many'"),
        (JOB.replace("requests = 1000\n", ""), "requests: is missing; give `requests` or `tokens`"),
        (JOB + "tokens = 5\n", "requests: is told twice"),
        (JOB.replace('model = "Qwen3-8B"\n', ""), "model: is missing; give `model` or `config`"),
        (JOB.replace('phase = "serve"\n', ""), "phase: is missing"),
        (JOB.replace("Qwen3-8B", "Qwen3-9B"), "no model 'Qwen3-9B'"),
        (JOB.replace("H100", "H1OO"), "no chip 'H1OO'"),
        (JOB + "[limits]\ntpot = 3\n", r"limits\.tpot: is no key of a job file; possible here are ttft_ms, tpot_ms"),
        (JOB + "[chips]\nH20 = 0\n", r"chips\.H20: is 0"),
        (JOB + 'precision = "fp3"\n', "no precision is called fp3"),
    ],
)
def test_a_job_file_that_is_wrong_is_refused_with_the_key(text: str, said: str, tmp_path: Path) -> None:
    """In one sentence."""
    with pytest.raises(InputError, match=said):
        headrace("fit", written(tmp_path, text))


def test_a_job_that_no_kind_can_do_ends_with_one(tmp_path: Path) -> None:
    """A limit of a nanosecond."""
    with pytest.raises(CheckFailedError, match="no kind can do the job"):
        headrace("fit", written(tmp_path, JOB + "[limits]\ntpot_ms = 0.000001\n"))
