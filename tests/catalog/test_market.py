"""Prices: by the card and the card-hour, in one currency, at the rate of their date; the last year counts."""

from __future__ import annotations

from decimal import Decimal

import pytest
from tests.catalog.bad_rows import price

from headrace.catalog.facts import Status
from headrace.catalog.load import chips, prices, rates
from headrace.catalog.market import market
from headrace.catalog.money import to_home
from headrace.errors import InputError


def test_a_server_month_becomes_a_card_hour() -> None:
    rent = price(unit="server-month", cards=8, low=57_600, high=115_200)
    assert rent.per_card == ("card-hour", Decimal(10), Decimal(20))


def test_a_server_becomes_a_card() -> None:
    assert price(deal="buy", unit="server", cards=8, low=800, high=1600).per_card == ("card", 100, 200)


def test_money_is_changed_at_the_rate_of_its_date() -> None:
    assert to_home("USD", "2026-09-01", rates()) == Decimal("6.7394")
    assert to_home("USD", "2026", rates()) == Decimal("6.7394")
    assert to_home("USD", "2026-01", rates()) == Decimal("7.2")
    assert to_home("USD", "2019", rates()) == Decimal("7.2")
    assert to_home("CNY", "2019", rates()) == 1


def test_a_currency_without_a_rate_is_refused() -> None:
    with pytest.raises(InputError, match="there is no exchange rate"):
        to_home("XYZ", "2026", rates())


def test_the_market_is_that_of_the_last_year_with_prices() -> None:
    asked = [price(low=5, high=5, as_of="2024-01"), price(low=9, high=11, as_of="2026-05"), price(low=20, high=20)]
    found = market("H20", "card-hour", asked, rates())
    assert found is not None
    assert (found.low, found.middle, found.high, len(found.prices)) == (9, 15, 20, 2)


def test_prices_at_home_go_before_prices_abroad() -> None:
    asked = [price(low=5, high=5, region="abroad"), price(low=9, high=9)]
    found, abroad = market("H20", "card-hour", asked, rates()), market("H20", "card-hour", asked[:1], rates())
    assert found is not None
    assert abroad is not None
    assert (found.low, found.region, abroad.region) == (9, "CN", "abroad")


def test_an_assumed_price_counts_only_where_there_is_no_other() -> None:
    assumed = price(low=1, high=1, status=Status.ASSUMED)
    found, alone = (market("H20", "card-hour", asked, rates()) for asked in ([assumed, price()], [assumed]))
    assert found is not None
    assert alone is not None
    assert (assumed in found.prices, found.assumed, alone.assumed) == (False, False, True)


def test_a_chip_without_prices_has_no_market() -> None:
    assert market("Ascend 970", "card", prices(), rates()) is None


def test_a_price_for_what_a_chip_can_do() -> None:
    h20 = chips()["H20"]
    found = market("H20", "card", prices(), rates())
    assert found is not None
    assert found.per_pflops(h20) == found.middle / Decimal("0.148")
    assert found.per_tb_s(h20) == found.middle / 4
    assert found.per_pflops(chips()["BW1000"]) is None


def test_every_price_of_the_catalogue_is_known_by_the_card_in_cny() -> None:
    assert len(prices()) >= 80
    assert all(each.middle(rates()) > 0 for each in prices())


def test_a_market_in_dollars_at_an_assumed_rate_is_assumed() -> None:
    dollars = {"currency": "USD", "low": 2, "high": 2}
    then, now = (market("H20", "card-hour", [price(as_of=day, **dollars)], rates()) for day in ("2024-05", "2026-09"))
    assert then is not None
    assert now is not None
    assert (then.assumed, now.assumed) == (True, False)
    assert [rate.currency for rate in now.rates] == ["USD"]
