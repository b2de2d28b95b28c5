"""Whose the free chips would have been: one small case for each rule, and for each way in which a claim ends."""

from __future__ import annotations

from tests.explain.records import Record, Run, hours_of, make_record, tenants_of
from tests.factories import Job, make_fleet, make_pool

from headrace.explain.ledger import Class
from headrace.units import MILLI
from headrace.world.fleet import Tenant

MINE = Tenant("t", {"H20": 1})


def waiting(*jobs: Job, until: int = 100) -> list[Run]:
    """Runs of jobs that were submitted at their time and never started."""
    return [Run(i, job.submit, None, until) for i, job in enumerate(jobs)]


def unserved(*pools: object, jobs: tuple[Job, ...], **more: object) -> Record:
    """Jobs that wait through 100 ms on `pools`, of which none starts."""
    fleet = make_fleet(*pools, tenants=more.pop("tenants", ()))  # type: ignore[arg-type]
    return make_record(fleet, jobs, waiting(*jobs), end=100, **more)  # type: ignore[arg-type]


class TestOrder:
    def test_a_job_that_fits_and_is_allowed_waits_by_order_alone(self) -> None:
        fleet = make_fleet(make_pool(chips=4))
        record = make_record(fleet, [Job(chips=3)], [Run(0, 10, 40, 100)], end=100)
        assert hours_of(record.ledger) == {
            "order": 3 * MILLI * 30,
            "no_demand": 4 * MILLI * 10 + 1 * MILLI * 90,
            "unknown": 3 * MILLI * 60,
        }

    def test_a_gang_that_fits_on_nodes_of_one_island_waits_by_order(self) -> None:
        record = unserved(make_pool(nodes=2, chips=2), jobs=(Job(chips=2, nodes=2),))
        assert hours_of(record.ledger) == {"order": 4 * MILLI * 100}

    def test_a_share_claims_the_part_of_a_chip_that_it_wants(self) -> None:
        record = unserved(make_pool(chips=1), jobs=(Job(share=300),))
        assert hours_of(record.ledger) == {"order": 300 * 100, "no_demand": 700 * 100}

    def test_who_was_submitted_first_claims_first(self) -> None:
        jobs = Job(submit=20, tenant="late"), Job(submit=10, tenant="early")
        ledger = unserved(make_pool(chips=1), jobs=jobs).ledger
        assert tenants_of(ledger, Class.ORDER) == {"early": 90 * MILLI}

    def test_of_those_submitted_at_once_the_first_in_the_log_claims_first(self) -> None:
        jobs = Job(tenant="b"), Job(tenant="a")
        assert tenants_of(unserved(make_pool(chips=1), jobs=jobs).ledger, Class.ORDER) == {"b": 100 * MILLI}

    def test_a_job_submitted_before_the_period_is_before_those_submitted_at_its_begin(self) -> None:
        jobs = Job(submit=50, tenant="at once"), Job(submit=20, tenant="before")
        ledger = unserved(make_pool(chips=1), jobs=jobs, begin=50).ledger
        assert tenants_of(ledger, Class.ORDER) == {"before": 50 * MILLI}

    def test_a_small_job_behind_one_that_does_not_fit_still_claims(self) -> None:
        jobs = Job(chips=4, tenant="large"), Job(submit=1, chips=1, tenant="small")
        ledger = unserved(make_pool(chips=2), jobs=jobs).ledger
        assert tenants_of(ledger, Class.ORDER) == {"small": 99 * MILLI}

    def test_a_job_without_chips_claims_nothing(self) -> None:
        assert hours_of(unserved(make_pool(chips=1), jobs=(Job(chips=0),)).ledger) == {"no_demand": 100 * MILLI}

    def test_a_job_that_left_the_queue_claims_no_more(self) -> None:
        record = make_record(make_fleet(make_pool(chips=1)), [Job()], [Run(0, 0, None, 30)], end=100)
        assert hours_of(record.ledger) == {"order": 30 * MILLI, "no_demand": 70 * MILLI}


class TestQuota:
    def test_a_job_that_fits_but_for_its_tenants_quota(self) -> None:
        record = unserved(make_pool(chips=2), jobs=(Job(chips=2),), tenants=[MINE])
        assert hours_of(record.ledger) == {"quota": 2 * MILLI * 100}

    def test_a_quota_that_running_jobs_use_up(self) -> None:
        fleet = make_fleet(make_pool(chips=2), tenants=[MINE])
        record = make_record(fleet, [Job(), Job()], [Run(0, 0, 0, 60), Run(1, 0, None, 100)], end=100)
        assert hours_of(record.ledger) == {
            "unknown": 60 * MILLI,
            "quota": 60 * MILLI,
            "order": 40 * MILLI,
            "no_demand": 40 * MILLI,
        }

    def test_a_quota_that_claims_before_it_use_up(self) -> None:
        record = unserved(make_pool(chips=2), jobs=(Job(), Job()), tenants=[MINE])
        assert hours_of(record.ledger) == {"order": 100 * MILLI, "quota": 100 * MILLI}

    def test_a_kind_that_a_quota_does_not_name_is_a_kind_of_which_the_tenant_has_none(self) -> None:
        pools = make_pool("a", chips=1), make_pool("b", chips=1, kind="910B")
        record = unserved(*pools, jobs=(Job(pools=("b",)),), tenants=[MINE])
        assert hours_of(record.ledger) == {"quota": 100 * MILLI, "no_demand": 100 * MILLI}

    def test_a_job_that_fits_but_for_its_partition(self) -> None:
        record = unserved(make_pool("a", chips=1), make_pool("b", chips=2), jobs=(Job(chips=2, pools=("a",)),))
        assert hours_of(record.ledger) == {"quota": 2 * MILLI * 100, "no_demand": MILLI * 100}

    def test_a_job_that_fits_but_for_its_site(self) -> None:
        pools = make_pool("a", chips=1, site="here"), make_pool("b", chips=2, site="there")
        record = unserved(*pools, jobs=(Job(chips=2, pools=("a",)),))
        assert hours_of(record.ledger) == {"quota": 2 * MILLI * 100, "no_demand": MILLI * 100}

    def test_a_tenant_without_a_quota_has_no_cap(self) -> None:
        record = unserved(make_pool(chips=2), jobs=(Job(chips=2),), tenants=[Tenant("t"), Tenant("u", {"H20": 0})])
        assert hours_of(record.ledger) == {"order": 2 * MILLI * 100}


class TestKind:
    def test_a_job_that_would_fit_if_it_accepted_another_kind(self) -> None:
        pools = make_pool("a", chips=1), make_pool("b", chips=2, kind="910B")
        record = unserved(*pools, jobs=(Job(chips=2, pools=("a",)),))
        assert hours_of(record.ledger) == {"kind": 2 * MILLI * 100, "no_demand": MILLI * 100}
        assert record.ledger.by("kind")["910B"][Class.KIND] == 2 * MILLI * 100

    def test_a_gang_does_not_mix_kinds(self) -> None:
        pools = make_pool("a", chips=1), make_pool("b", chips=1, kind="910B")
        assert hours_of(unserved(*pools, jobs=(Job(nodes=2, pools=("a",)),)).ledger) == {"no_demand": 2 * MILLI * 100}


class TestFragmented:
    def test_enough_in_all_but_on_no_node(self) -> None:
        fleet = make_fleet(make_pool(nodes=2, chips=2))
        jobs = Job(chips=1), Job(chips=1), Job(submit=10, chips=2, tenant="wide")
        runs = [Run(0, 0, 0, 100, places=((0, 1),)), Run(1, 0, 0, 100, places=((1, 1),)), Run(2, 10, None, 100)]
        ledger = make_record(fleet, jobs, runs, end=100).ledger
        assert hours_of(ledger) == {
            "unknown": 2 * MILLI * 100,
            "fragmented": 2 * MILLI * 90,
            "no_demand": 2 * MILLI * 10,
        }
        assert tenants_of(ledger, Class.FRAGMENTED) == {"wide": 2 * MILLI * 90}

    def test_enough_of_each_chip_for_no_share(self) -> None:
        fleet = make_fleet(make_pool(chips=2))
        jobs = Job(share=700), Job(share=700), Job(share=600)
        runs = [Run(0, 0, 0, 100, places=((0, 1),)), Run(1, 0, 0, 100, places=((0, 2),)), Run(2, 0, None, 100)]
        assert hours_of(make_record(fleet, jobs, runs, end=100).ledger) == {
            "unknown": 1400 * 100,
            "fragmented": 600 * 100,
        }

    def test_chips_where_cores_are_not(self) -> None:
        record = unserved(make_pool(chips=4, cpu=1000), jobs=(Job(chips=1, cpu=2000),))
        assert hours_of(record.ledger) == {"fragmented": MILLI * 100, "no_demand": 3 * MILLI * 100}

    def test_chips_where_memory_is_not(self) -> None:
        record = unserved(make_pool(chips=4, memory=1), jobs=(Job(chips=1, memory=2),))
        assert hours_of(record.ledger) == {"fragmented": MILLI * 100, "no_demand": 3 * MILLI * 100}

    def test_a_gang_whose_nodes_are_on_two_islands(self) -> None:
        pools = make_pool("a", chips=1, site="here"), make_pool("b", chips=1, site="there")
        assert hours_of(unserved(*pools, jobs=(Job(nodes=2),)).ledger) == {"fragmented": 2 * MILLI * 100}

    def test_only_chips_where_the_job_may_run_count(self) -> None:
        pools = make_pool("a", nodes=2, chips=1), make_pool("b", chips=1)
        record = unserved(*pools, jobs=(Job(chips=2, pools=("a",)),))
        assert record.ledger.by("pool")["a"][Class.FRAGMENTED] == 2 * MILLI * 100
        assert record.ledger.by("pool")["b"][Class.NO_DEMAND] == MILLI * 100


class TestNoDemand:
    def test_too_little_in_all_is_no_demand_and_short(self) -> None:
        fleet = make_fleet(make_pool(chips=2))
        runs = [Run(0, 0, 0, 100), Run(1, 20, None, 100)]
        ledger = make_record(fleet, [Job(chips=1), Job(chips=2)], runs, end=100).ledger
        assert hours_of(ledger) == {"unknown": MILLI * 100, "no_demand": MILLI * 100}
        assert ledger.short == MILLI * 80

    def test_what_nobody_waits_for_is_not_short(self) -> None:
        pools = make_pool("a", chips=1), make_pool("b", chips=1)
        ledger = unserved(*pools, jobs=(Job(chips=2, pools=("a",)),)).ledger
        assert ledger.short == MILLI * 100
        assert hours_of(ledger) == {"no_demand": 2 * MILLI * 100}

    def test_what_is_left_after_a_smaller_job_claimed_is_short(self) -> None:
        jobs = Job(submit=0, chips=4), Job(submit=1, chips=1)
        ledger = unserved(make_pool(chips=2), jobs=jobs).ledger
        assert ledger.short == 2 * MILLI * 1 + MILLI * 99
        assert hours_of(ledger) == {"order": MILLI * 99, "no_demand": 2 * MILLI + MILLI * 99}


class TestOutages:
    def test_free_chips_of_a_node_that_is_out_are_down_and_nobody_claims_them(self) -> None:
        outage = [(0, 20, 50, True)]
        record = unserved(make_pool(chips=1), jobs=(Job(),), outages=outage)
        assert hours_of(record.ledger) == {"down": MILLI * 30, "order": MILLI * 70}

    def test_what_runs_on_a_drained_node_goes_on(self) -> None:
        fleet = make_fleet(make_pool(chips=2))
        record = make_record(fleet, [Job()], [Run(0, 0, 0, 60)], 100, outages=[(0, 20, 100, False)])
        assert hours_of(record.ledger) == {
            "unknown": MILLI * 60,
            "no_demand": MILLI * 20,
            "down": MILLI * (40 + 80),
        }

    def test_outages_that_overlap_count_once(self) -> None:
        outages = [(0, 10, 40, True), (0, 30, 60, False), (0, 60, 70, True)]
        record = unserved(make_pool(chips=1), jobs=(Job(),), outages=outages)
        assert hours_of(record.ledger) == {"down": MILLI * 60, "order": MILLI * 40}

    def test_an_outage_that_never_ends_lasts_to_the_end_of_the_period(self) -> None:
        record = unserved(make_pool(chips=1), jobs=(Job(),), outages=[(0, 90, 2**62, True)])
        assert hours_of(record.ledger) == {"down": MILLI * 10, "order": MILLI * 90}

    def test_an_outage_outside_the_period_does_not_count(self) -> None:
        outages = [(0, 0, 50, True), (0, 100, 200, True)]
        record = unserved(make_pool(chips=1), jobs=(Job(),), outages=outages, begin=50)
        assert hours_of(record.ledger) == {"order": MILLI * 50}

    def test_a_gang_that_would_fit_but_for_a_node_that_is_out(self) -> None:
        ledger = unserved(make_pool(nodes=2, chips=1), jobs=(Job(nodes=2),), outages=[(1, 0, 100, True)]).ledger
        assert hours_of(ledger) == {"down": MILLI * 100, "no_demand": MILLI * 100}
        assert ledger.short == MILLI * 100


def test_a_claim_takes_its_chips_from_those_behind_it() -> None:
    jobs = Job(chips=2, tenant="first"), Job(submit=1, chips=2, tenant="second")
    ledger = unserved(make_pool(chips=3), jobs=jobs).ledger
    assert tenants_of(ledger, Class.ORDER) == {"first": 2 * MILLI * 100}
    assert hours_of(ledger) == {"order": 2 * MILLI * 100, "no_demand": MILLI * 100}


def test_a_claim_takes_the_first_node_with_room_and_the_tightest_share() -> None:
    pools = make_pool("a", chips=1), make_pool("b", chips=1)
    ledger = unserved(*pools, jobs=(Job(share=300), Job(share=700))).ledger
    assert {name: line[Class.ORDER] for name, line in ledger.by("pool").items()} == {"a": MILLI * 100, "b": 0}


def test_what_is_claimed_in_one_stretch_is_given_back_for_the_next() -> None:
    jobs = Job(chips=2, tenant="leaves"), Job(chips=2, tenant="stays")
    fleet = make_fleet(make_pool(chips=2))
    ledger = make_record(fleet, jobs, [Run(0, 0, None, 40), Run(1, 0, None, 100)], end=100).ledger
    assert tenants_of(ledger, Class.ORDER) == {"leaves": 2 * MILLI * 40, "stays": 2 * MILLI * 60}


def test_each_job_is_credited_with_what_it_claimed() -> None:
    jobs = Job(), Job(submit=10), Job(submit=20)
    ledger = unserved(make_pool(chips=2), jobs=jobs).ledger
    assert ledger.by_job[Class.ORDER].tolist() == [100 * MILLI, 90 * MILLI, 0]
