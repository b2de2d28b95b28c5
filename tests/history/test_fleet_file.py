from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headrace.errors import HeadraceError, InputError
from headrace.history.fleet_file import default_names, read_fleet, write_fleet
from headrace.units import UNKNOWN
from headrace.world.fleet import MAX_CHIPS_PER_NODE, Fleet, Pool, Tenant

if TYPE_CHECKING:
    from pathlib import Path

EAST = """
name = "east-1"
start_s = 45
[[pool]]
site = "hangzhou"
name = "h20"
kind = "H20"
nodes = 16
chips = 8
cpus = 192
memory_gib = 2048
cost_per_chip_hour = 6.7
partitions = ["train", "debug"]
[[pool]]
name = "a800"
kind = "A800"
nodes = 2
names = "gpu-[07-08]"
chips = 8
cpus = 63.5
memory_gib = 0.5
cost_per_chip_hour = 1.005
currency = "USD"
[[tenant]]
name = "search"
quota = { H20 = 64 }
weight = 2
[[tenant]]
name = "ads"
"""

POOL = '[[pool]]\nname = "h20"\nkind = "H20"\nnodes = 2\nchips = 8\ncpus = 1\nmemory_gib = 1\n'


@pytest.fixture
def fleet_toml(tmp_path: Path) -> Path:
    return tmp_path / "fleet.toml"


def read_text(path: Path, text: str | bytes) -> Fleet:
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return read_fleet(path)


def test_a_fleet_file_says_what_nodes_there_are_and_who_has_a_quota(fleet_toml: Path) -> None:
    fleet = read_text(fleet_toml, EAST)
    h20, a800 = fleet.pools
    assert (fleet.name, fleet.start, fleet.chips, fleet.synthetic) == ("east-1", 45_000, 144, False)
    assert h20.node_names[0] == "h20-1"
    assert (h20.nodes, h20.cpu, h20.memory, h20.price, h20.currency) == (16, 192_000, 2048 * 1024, 670, "CNY")
    assert h20.partitions == ("train", "debug")
    assert a800.node_names == ("gpu-07", "gpu-08")
    assert (a800.cpu, a800.memory, a800.price, a800.currency) == (63_500, 512, 100, "USD")
    assert fleet.tenants == (Tenant("search", {"H20": 64}, 2.0), Tenant("ads", None, 1.0))


def test_a_pool_without_a_cost_has_no_price(fleet_toml: Path) -> None:
    assert read_text(fleet_toml, 'name = "x"\n' + POOL).pools[0].price == UNKNOWN


def test_pools_of_one_name_at_two_sites_have_nodes_of_two_names(fleet_toml: Path) -> None:
    fleet = read_text(fleet_toml, 'name = "x"\n' + POOL + 'site = "a"\n' + POOL + 'site = "b"\n')
    assert fleet.node_names == ("a-h20-1", "a-h20-2", "b-h20-1", "b-h20-2")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "name: is missing"),
        ('name = "x"', "pool: is missing; a fleet needs at least one [[pool]]"),
        ('name = "x"\npool = []', "has no pool"),
        ('name = "x"\n[pool]\nname = "a"', "pool: is not a list of tables; write [[pool]]"),
        ('name = "x"\ncolour = 3\n' + POOL, "colour: is no key of a fleet file; possible here are name, start_s"),
        (
            'name = "x"\n' + POOL + "gpus = 8\n",
            "[[pool]] 1, gpus: is no key of a fleet file; possible here are site, name",
        ),
        (
            'name = "x"\n' + POOL + POOL.replace("nodes = 2", "nodes = 0"),
            "[[pool]] 2, nodes: is 0; it should be greater",
        ),
        ('name = "x"\n' + POOL.replace("= 8", '= "8"'), "[[pool]] 1, chips: is '8'; it should be a whole number"),
        (
            'name = "x"\n' + POOL.replace("= 8", "= 65"),
            f"[[pool]] 1, chips: is 65; it should be less than or equal to {MAX_CHIPS_PER_NODE}",
        ),
        ('name = "x"\n' + POOL.replace("cpus = 1", "cpus = true"), "[[pool]] 1, cpus: is true; it should be a number"),
        (
            'name = "x"\n' + POOL.replace("cpus = 1", "cpus = nan"),
            "[[pool]] 1, cpus: is NaN; it should be a finite number",
        ),
        ('name = "x"\n' + POOL.replace("cpus = 1", "cpus = 1e-999999999"), "[[pool]] 1, cpus"),
        ('name = "x"\n' + POOL.replace("chips = 8\n", ""), "[[pool]] 1, chips: is missing"),
        ('name = "x"\n' + POOL + POOL, "names the node 'h20-1' twice"),
        ('name = "x"\n' + POOL + 'names = "h20-[1-3]"', "[[pool]] 1, names: stands for 3 nodes where nodes is 2"),
        ('name = "x"\n' + POOL + 'names = "h20-[1-"', "[[pool]] 1, names: is no list of nodes from its character 5 on"),
        ('name = "x"\n' + POOL + 'names = "h20-[1-999999999]"', "[[pool]] 1, names: stands for more than 100000 nodes"),
        ('name = "x"\n' + POOL + 'currency = "yuan"', "[[pool]] 1, currency: is 'yuan'"),
        (
            'name = "x"\n' + POOL + '[[tenant]]\nname = "t"\nquota = { H21 = 3 }',
            "[[tenant]] 1, quota: names the kind 'H21'",
        ),
        ('name = "x"\n' + POOL + '[[tenant]]\nname = "t"\nquota = { H20 = -1 }', "[[tenant]] 1, quota, H20: is -1"),
        (
            'name = "x"\n' + POOL + '[[tenant]]\nname = "t"\nweight = 0',
            "[[tenant]] 1, weight: is 0; it should be greater",
        ),
        ('name = "x"\n' + POOL + '[[tenant]]\nname = "t"\n' * 2, "names the tenant 't' twice"),
        ('name = "x\\u001b"\n' + POOL, "name: is 'x\\x1b'"),
        ("name =", "is not TOML"),
        ("name = 1e99999999999999999999999", "has a number that is too large"),
        (b"\x00\x01\x02", "is not TOML"),
        (b"name = '\xff'", "is not UTF-8 text"),
    ],
)
def test_a_wrong_fleet_file_is_refused_with_the_place(fleet_toml: Path, text: str | bytes, sentence: str) -> None:
    with pytest.raises(InputError) as refused:
        read_text(fleet_toml, text)
    assert str(refused.value).startswith(f"{fleet_toml}: ")
    assert sentence in str(refused.value)
    assert "\n" not in str(refused.value)


def test_brackets_nested_beyond_measure_are_refused(fleet_toml: Path) -> None:
    with pytest.raises(InputError):
        read_text(fleet_toml, "name = " + "[" * 100_000)


def test_too_many_nodes_in_all_are_refused_before_they_are_made(fleet_toml: Path) -> None:
    with pytest.raises(InputError, match="more than 100000 nodes in all"):
        read_text(fleet_toml, 'name = "x"\n' + POOL.replace("nodes = 2", "nodes = 100000") * 300)


def test_a_fleet_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="does not exist"):
        read_fleet(tmp_path / "none.toml")
    with pytest.raises(InputError, match="is not a file"):
        read_fleet(tmp_path)


def test_a_price_in_no_currency_is_not_written_and_leaves_the_old_file(fleet_toml: Path) -> None:
    fleet_toml.write_text("old")
    with pytest.raises(InputError, match="price in no currency"):
        write_fleet(Fleet("x", (Pool("p", "H20", ("n1",), 8, 0, 0, price=670),)), fleet_toml)
    assert fleet_toml.read_text() == "old"
    assert list(fleet_toml.parent.iterdir()) == [fleet_toml]


TEXTS = st.text(st.characters(exclude_categories=("Cc", "Cs")), max_size=8)
NAMES = st.text(st.characters(exclude_categories=("Cc", "Cs", "Z"), exclude_characters=":;,[]"), min_size=1, max_size=8)


@st.composite
def pools(draw: st.DrawFn, number: int) -> Pool:
    name = f"{draw(NAMES)}/{number}"
    some = default_names(name, "", draw(st.integers(1, 20)), shared=False)
    others = tuple(f"{node}~{number}" for node in draw(st.lists(NAMES, min_size=1, max_size=5, unique=True)))
    currency = draw(st.sampled_from(["", "CNY", "USD"]))
    return Pool(
        name=name,
        kind=draw(st.sampled_from(["H20", "Ascend 910B", "昇腾"])),
        node_names=draw(st.sampled_from([some, others])),
        chips=draw(st.integers(0, MAX_CHIPS_PER_NODE)),
        cpu=draw(st.integers(0, 10**6)),
        memory=draw(st.integers(0, 10**7)),
        site=draw(TEXTS),
        price=draw(st.integers(0, 10**6)) if currency else UNKNOWN,
        currency=currency,
        partitions=tuple(draw(st.lists(NAMES, max_size=3))),
    )


@st.composite
def fleets(draw: st.DrawFn) -> Fleet:
    members = tuple(draw(pools(number)) for number in range(draw(st.integers(1, 4))))
    kinds = sorted({pool.kind for pool in members})
    quota = st.none() | st.dictionaries(st.sampled_from(kinds), st.integers(0, 1000))
    weight = st.floats(1e-6, 1e6)
    return Fleet(
        name=draw(TEXTS),
        pools=members,
        tenants=tuple(Tenant(n, draw(quota), draw(weight)) for n in draw(st.lists(NAMES, max_size=3, unique=True))),
        start=draw(st.integers(0, 10**7)),
        synthetic=draw(st.booleans()),
        labels=draw(st.dictionaries(TEXTS, st.text(st.characters(exclude_categories=["Cs"]), max_size=8), max_size=2)),
    )


@given(fleets())
def test_a_fleet_that_is_written_reads_back_equal(tmp_path_factory: pytest.TempPathFactory, fleet: Fleet) -> None:
    path = tmp_path_factory.mktemp("fleet") / "fleet.toml"
    write_fleet(fleet, path)
    assert read_fleet(path) == fleet


@given(st.integers(0, len(EAST) - 1), st.integers(0, 12), st.text(max_size=4))
def test_no_change_to_a_fleet_file_ends_in_a_traceback(
    tmp_path_factory: pytest.TempPathFactory, at: int, cut: int, put: str
) -> None:
    path = tmp_path_factory.mktemp("fleet") / "fleet.toml"
    with suppress(HeadraceError):
        assert read_text(path, (EAST[:at] + put + EAST[at + cut :]).encode(errors="surrogatepass")).pools
