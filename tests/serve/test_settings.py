"""headrace.toml: everything has a default, everything is documented, and what is wrong is told in one sentence."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import pytest
from pydantic import BaseModel

from headrace.errors import InputError
from headrace.live.engines.slurm.settings import Settings as SlurmSettings
from headrace.serve.address import Address, address, allowed_hosts, host_of, parse_address
from headrace.serve.engines import local_settings, slurm_settings
from headrace.serve.settings import Settings, checked, policy, read_settings

if TYPE_CHECKING:
    from collections.abc import Iterator

DOCS = Path(__file__).resolve().parents[2] / "docs"


def read(folder: Path, text: str) -> Settings:
    file = folder / "headrace.toml"
    file.write_text(text, encoding="utf-8")
    return read_settings(file)[0]


def test_nothing_written_is_the_local_engine_on_loopback(tmp_path: Path) -> None:
    """An empty file is the defaults."""
    settings = read(tmp_path, "")
    assert settings == Settings()
    assert (settings.engine, settings.listen) == ("local", "127.0.0.1:8470")
    assert policy(settings).name == "fair+easy/fgd"
    assert local_settings(settings.local).grace == 30_000
    assert slurm_settings(settings) == SlurmSettings()


PARTS = '[policy]\norder = "las"\nbackfill = "none"\nplace = "best"'


@pytest.mark.parametrize("written", ['policy = "las/best"', PARTS])
def test_a_policy_is_its_shorthand_or_its_parts(tmp_path: Path, written: str) -> None:
    """Both say the same."""
    assert policy(read(tmp_path, written)).name == "las/best"


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("strange = 1", "strange: is no key here; possible are engine"),
        ("[local]\nstrange = 1", "[local], strange: is no key here; possible are state"),
        ("interval_s = 0", "interval_s: is 0; it should be greater than 0"),
        ('interval_s = "1"', "interval_s: is '1'"),
        ("shadow = 1", "shadow: is 1"),
        ('engine = "k8s"', "engine: is 'k8s'"),
        ('policy = "fare/fgd"', "policy: there is no order 'fare'"),
        ("policy = 3", "policy: is not a table"),
        ('[tls]\ncert = "a.pem"', "[tls], key: is missing"),
        ("x = [", "is not TOML"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, written: str, said: str) -> None:
    """The file, the key, and what would be right."""
    with pytest.raises(InputError) as refused:
        read(tmp_path, written)
    assert said in str(refused.value)
    assert str(tmp_path / "headrace.toml") in str(refused.value)


def test_a_wrong_slurm_key_is_named() -> None:
    """The engine's own table is checked by the engine."""
    with pytest.raises(InputError, match=r"\[slurm\]: strange: is no key here; possible are front"):
        slurm_settings(checked(Settings, {"slurm": {"strange": 1}}, "headrace.toml"))


@pytest.mark.parametrize("listen", ["0.0.0.0:8470", "10.0.0.1:80", "[::]:8470", "headrace.example:443"])
def test_what_others_can_reach_needs_tls_or_a_proxy(listen: str) -> None:
    """Tokens would pass in the clear otherwise."""
    with pytest.raises(InputError, match="in the clear"):
        address(Settings(listen=listen))
    assert address(Settings(listen=listen, behind_proxy=True)).loopback is False


@pytest.mark.parametrize("listen", ["", "8470", "127.0.0.1", "127.0.0.1:x", "::1:8470", "127.0.0.1:70000", ":8470"])
def test_what_is_no_address_is_refused(listen: str) -> None:
    """One form is right, and is shown."""
    with pytest.raises(InputError, match="write HOST:PORT"):
        parse_address(listen)


def test_hosts_on_loopback_are_known_names() -> None:
    """A name that somebody else owns may point to this machine; it is not answered."""
    local = allowed_hosts(Settings(hosts=["headrace.here"]), Address("127.0.0.1", 1))
    assert {host_of(name) for name in ("localhost:8470", "127.0.0.1", "[::1]:8470", "Headrace.here:1")} <= local
    assert host_of("evil.example:8470") not in local
    assert allowed_hosts(Settings(), Address("10.0.0.1", 1)) == frozenset()


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_setting_is_documented(lang: str) -> None:
    """Each key stands in the page of settings of either language, with its default."""
    page = (DOCS / lang / "serve.md").read_text(encoding="utf-8")
    missing = [key for key in _keys(Settings) if f"`{key}`" not in page]
    missing += [key for key in SlurmSettings.model_fields if f"`{key}`" not in page]
    assert not missing


def _keys(model: type[BaseModel]) -> Iterator[str]:
    for name, field in model.model_fields.items():
        yield name
        for kind in (field.annotation, *get_args(field.annotation)):
            found: Any = kind
            if isinstance(found, type) and issubclass(found, BaseModel):
                yield from _keys(found)
