from __future__ import annotations

import gzip
import hashlib
import json
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from headrace.errors import CallError, InputError
from headrace.history import guess, read, table, write
from headrace.history.log import COLUMNS, TIME, JobLog, Reject, make_log
from headrace.history.own import beside, read_own
from headrace.world.fleet import MAX_CHIPS_PER_NODE

HEADER = "job,tenant,submit,start,end,state,chips"
GOOD = "a,search,2025-03-01T08:00:00Z,2025-03-01T09:00:00Z,2025-03-01T10:00:00Z,completed,8"
EIGHT = datetime(2025, 3, 1, 8, tzinfo=UTC)


@pytest.fixture
def log_csv(tmp_path: Path) -> Path:
    return tmp_path / "log.csv"


def read_lines(path: Path, *lines: str) -> JobLog:
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return read(path)


def small_log() -> JobLog:
    rows = {"job": ["a", "b"], "submit": [EIGHT, EIGHT], "chips": [1, 2], "extra": [1.5, None]}
    events = pl.DataFrame({"node": ["n1"], "start": [EIGHT], "end": [None], "state": ["down"], "reason": ["fan, loud"]})
    return make_log(
        pl.DataFrame(rows),
        events,
        source="sacct.txt",
        sha256="ab",
        format="slurm",
        rejects=[Reject(7, "has 2 fields", 'x,"y"')],
        notes=["times were read as UTC+08:00", "中文"],
    )


def test_a_csv_log_is_read_with_its_name_and_checksum(log_csv: Path) -> None:
    log = read_lines(log_csv, HEADER, GOOD)
    assert (log.source, log.format, log.rejects, log.notes) == ("log.csv", "own", (), ())
    assert log.sha256 == hashlib.sha256(log_csv.read_bytes()).hexdigest()
    assert log.jobs.select("job", "tenant", "submit", "chips").row(0) == ("a", "search", EIGHT, 8)


def test_bad_rows_are_kept_as_rejects_with_their_line(log_csv: Path) -> None:
    log = read_lines(
        log_csv,
        HEADER,
        GOOD,
        "",
        "b,search,2025-03-01T08:00:00Z",
        "c,search,yesterday,,,pending,8",
        "d,search,2025-03-01T08:00:00,,,pending,8",
        "e,search,2025-03-01T08:00:00Z,,,pending,4.5",
        'f,"search,2025-03-01T08:00:00Z,,,pending,8',
        "g,search,2025-03-01T08:00:00Z,,,pending,-8",
    )
    assert log.jobs["job"].to_list() == ["a"]
    assert [(refused.line, refused.reason) for refused in log.rejects] == [
        (4, "has 3 fields where the header has 7"),
        (5, "has submit 'yesterday', which is not a time such as 2025-03-01T08:00:00Z"),
        (6, "has submit '2025-03-01T08:00:00', which is in no time zone"),
        (7, "has chips '4.5', which is not a whole number"),
        (8, "has a quotation mark that does not enclose a field"),
        (9, f"has chips -8; 0 to {MAX_CHIPS_PER_NODE} a node are possible"),
    ]
    assert log.rejects[-1].text == "g,search,2025-03-01T08:00:00Z,,,pending,-8"


@pytest.mark.parametrize(
    "text",
    [
        "2025-03-01T08:00:00Z",
        "2025-03-01 08:00:00z",
        "2025-03-01T08:00:00.000000Z",
        "2025-03-01T08:00Z",
        "2025-03-01T16:00:00+08:00",
        "2025-03-01T16:00:00+0800",
        "2025-03-01 16:00:00 +08",
        "2025-03-01T04:30:00-03:30",
    ],
)
def test_a_time_with_a_zone_is_that_instant(log_csv: Path, text: str) -> None:
    assert read_lines(log_csv, "job,submit,chips", f"a,{text},1").jobs["submit"].to_list() == [EIGHT]


@pytest.mark.parametrize("text", ["2025-03-01", "2025-02-30T08:00:00Z", "1740816000", "2025-03-01T25:00:00Z", "08:00Z"])
def test_what_is_no_time_is_a_reject(log_csv: Path, text: str) -> None:
    log = read_lines(log_csv, "job,submit,chips", f"a,{text},1", "b,2025-03-01T08:00:00Z,1")
    assert [refused.line for refused in log.rejects] == [2]


def test_times_without_a_zone_are_refused_until_the_zone_is_stated(log_csv: Path) -> None:
    with pytest.raises(InputError, match="has times without a time zone in 'submit'; end each in Z"):
        read_lines(log_csv, "job,submit,chips", "a,2025-03-01T16:00:00,1")
    for tz in (ZoneInfo("Asia/Shanghai"), timezone(timedelta(hours=8))):
        log = read(log_csv, tz=tz)
        assert log.jobs["submit"].to_list() == [EIGHT]
        assert log.notes == (f"times without a zone were read as {tz}",)


def test_summer_time_repeats_an_hour_and_skips_one(log_csv: Path) -> None:
    log_csv.write_text("job,submit,chips\na,2025-10-26T02:30:00,1\nb,2025-03-30T02:30:00,1\n")
    log = read(log_csv, tz=ZoneInfo("Europe/Berlin"))
    assert log.jobs["submit"].to_list() == [datetime(2025, 10, 26, 0, 30, tzinfo=UTC)]
    assert [refused.line for refused in log.rejects] == [3]


def test_quoted_fields_hold_commas_and_quotation_marks(log_csv: Path) -> None:
    log = read_lines(log_csv, "job,tenant,submit,chips", '"a,1","say ""hi""",2025-03-01T08:00:00Z,"1"')
    assert log.jobs.select("job", "tenant").row(0) == ("a,1", 'say "hi"')
    assert not log.rejects


def test_a_byte_order_mark_and_windows_line_ends_change_nothing(tmp_path: Path) -> None:
    plain, windows = tmp_path / "a.csv", tmp_path / "b.csv"
    plain.write_bytes(f"{HEADER}\n{GOOD}\n".encode())
    windows.write_bytes(b"\xef\xbb\xbf" + f"{HEADER}\r\n{GOOD}\r\n".encode())
    assert read(windows).jobs.equals(read(plain).jobs)
    assert not read(windows).rejects


def test_gzip_is_unpacked_whatever_the_name(log_csv: Path) -> None:
    log_csv.write_bytes(gzip.compress(f"{HEADER}\n{GOOD}\n".encode()))
    assert read(log_csv).jobs["job"].to_list() == ["a"]


def test_what_other_programs_write_for_nothing_is_nothing(log_csv: Path) -> None:
    log = read_lines(log_csv, "job,submit,chips,run,activity,start", "a,2025-03-01T08:00:00Z,4.0,NaN,nan,NaT")
    assert log.jobs.select("chips", "run", "activity", "start").row(0) == (4, 0, None, None)


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "is empty"),
        (b"\xef\xbb\xbf", "is empty"),
        (gzip.compress(b"", mtime=0), "is empty"),
        (gzip.compress(f"{HEADER}\n{GOOD}\n".encode(), mtime=0)[:-10], "is cut off"),
        (gzip.compress(f"{HEADER}\n{GOOD}\n".encode(), mtime=0)[:-8] + bytes(8), "is damaged"),
        (f"{HEADER}\n{GOOD}\n".encode("utf-16"), "is UTF-16 text"),
        (f"{HEADER}\n{GOOD.replace('search', '搜索')}\n".encode("gb18030"), "line 2: is not UTF-8 text"),
        (f"{HEADER}\n{GOOD}\n\0\0".encode(), "line 3: is binary"),
        (bytes(range(256)), "is binary"),
        (b"PAR1", "is not a whole Parquet file"),
        (b"PAR1" + b"\0" * 100 + b"PAR1", "is not a whole Parquet file"),
        (b"colour,size\nred,3\n", "is in no form that Headrace can tell"),
        (b"job,submit,start\n", "has no column 'chips'; the columns found are: job, submit, start"),
        (b"job,submit,chips\ra,b,c\rd,e,f\r", "line 1: is no header of a CSV file"),
        (b"job,submit,chips,job\n", "names the column 'job' twice"),
        (b"job,submit,chips,#line\n", "has a column whose name begins with #"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_in_one_sentence(log_csv: Path, data: bytes, sentence: str) -> None:
    log_csv.write_bytes(data)
    with pytest.raises(InputError) as refused:
        read(log_csv)
    assert sentence in str(refused.value)
    assert str(refused.value).startswith(str(log_csv))
    assert "\n" not in str(refused.value)


def test_a_line_without_an_end_is_refused_before_it_fills_the_memory(log_csv: Path) -> None:
    log_csv.write_bytes(gzip.compress(f"{HEADER}\n".encode() + b"x" * (40 * 2**20)))
    with pytest.raises(InputError, match="line 2: has no end within 16 MiB"):
        read(log_csv)


def test_a_log_of_a_header_alone_has_no_jobs(log_csv: Path) -> None:
    assert read_lines(log_csv, HEADER).jobs.height == 0


def test_a_long_file_is_read_in_blocks_that_no_row_notices(log_csv: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [GOOD.replace("a,", f"job-{number:03d},", 1) for number in range(200)]
    lines[150] = lines[150].replace("completed", "gone")
    whole = read_lines(log_csv, HEADER, *lines)
    monkeypatch.setattr(table, "PAGE", 16)
    monkeypatch.setattr(table, "BLOCK", 50)
    pieces = read(log_csv)
    assert pieces.equals(whole)
    assert [refused.line for refused in pieces.rejects] == [152]


@pytest.mark.parametrize("name", ["log[1]*.parquet", "log[1]*.csv", "año=2025.parquet"])
def test_a_file_may_have_a_strange_name(tmp_path: Path, name: str) -> None:
    write(small_log(), tmp_path / name)
    (tmp_path / "log1.parquet").write_text("another")
    assert read(tmp_path / name).jobs.equals(small_log().jobs) or name.endswith(".csv")
    assert read(tmp_path / name).jobs["job"].to_list() == ["a", "b"]


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="does not exist"):
        read(tmp_path / "none.csv")
    with pytest.raises(InputError, match="is not a file"):
        read(tmp_path)


def test_a_format_that_is_not_known_is_refused(log_csv: Path) -> None:
    read_lines(log_csv, HEADER, GOOD)
    with pytest.raises(CallError, match="no reader for the format 'pbs'; there are own, slurm"):
        read(log_csv, "pbs")


@pytest.mark.parametrize(
    ("header", "form"),
    [
        ("submit,job", "own"),
        ("User|JobID|State|", "slurm"),
        ("timestamp,duration,num_gpus,gpu_time,cluster", "philly"),
        ("name,cpu_milli,memory_mib,num_gpu,gpu_milli", "openb"),
    ],
)
def test_the_form_of_a_file_is_told_from_its_header(log_csv: Path, header: str, form: str) -> None:
    log_csv.write_text(header + "\n")
    assert guess(log_csv) == form


def test_parquet_from_other_programs_is_fitted(tmp_path: Path) -> None:
    path = tmp_path / "log.parquet"
    pl.DataFrame(
        {
            "job": [1, 2, 3],
            "submit": pl.Series([EIGHT] * 3).dt.convert_time_zone("Asia/Shanghai"),
            "start": ["2025-03-01T09:00:00Z", None, "later"],
            "end": pl.Series([None, None, None]),
            "chips": [8.0, 4.5, 1.0],
            "nodes": pl.Series([1, 2, 3], dtype=pl.UInt64),
            "activity": pl.Series([0.5, None, 1.0], dtype=pl.Float32),
            "user": pl.Series(["li", "li", "wu"], dtype=pl.Categorical),
        }
    ).write_parquet(path)
    log = read(path)
    assert log.jobs.select("job", "submit", "start", "chips", "nodes", "activity", "user", "state").rows() == [
        ("1", EIGHT, EIGHT + timedelta(hours=1), 8, 1, 0.5, "li", "running")
    ]
    assert [(refused.line, refused.reason.split(",")[0]) for refused in log.rejects] == [
        (2, "has chips '4.5'"),
        (3, "has start 'later'"),
    ]
    assert "job=2" in log.rejects[0].text


def test_parquet_times_without_a_zone_need_one_stated(tmp_path: Path) -> None:
    path = tmp_path / "log.parquet"
    pl.DataFrame({"job": ["a"], "submit": [datetime(2025, 3, 1, 16)], "chips": [1]}).write_parquet(path)
    with pytest.raises(InputError, match="has times without a time zone in 'submit'"):
        read(path)
    assert read(path, tz=ZoneInfo("Asia/Shanghai")).jobs["submit"].to_list() == [EIGHT]


@pytest.mark.parametrize(
    ("column", "values", "sentence"),
    [
        ("chips", [[1]], r"column 'chips': holds List\(Int64\); it should hold whole numbers"),
        ("submit", [1740816000], "column 'submit': holds Int64; it should hold times"),
        ("activity", [True], "column 'activity': holds Boolean; it should hold numbers"),
        ("job", [b"a"], "column 'job': holds Binary; it should hold text"),
    ],
)
def test_a_parquet_column_of_the_wrong_type_is_refused(
    tmp_path: Path, column: str, values: list[object], sentence: str
) -> None:
    path = tmp_path / "log.parquet"
    row = {"job": ["a"], "submit": [EIGHT], "chips": [1]}
    pl.DataFrame(row | {column: values}).write_parquet(path)
    with pytest.raises(InputError, match=sentence):
        read(path)


def test_parquet_cut_anywhere_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "log.parquet"
    write(small_log(), path)
    whole = path.read_bytes()
    for size in range(4, len(whole), 97):
        path.write_bytes(whole[:size])
        with pytest.raises(InputError, match="is not a whole Parquet file"):
            read_own(path)


def test_what_a_log_came_from_survives_parquet(tmp_path: Path) -> None:
    log, path = small_log(), tmp_path / "log.parquet"
    write(log, path)
    again = read(path)
    assert (again.source, again.sha256, again.format) == ("sacct.txt", "ab", "slurm")
    assert again.notes == (*log.notes, "rows not understood, listed in log.rejects.csv: 1")
    assert again.jobs.equals(log.jobs)
    assert again.node_events.equals(log.node_events)
    refused = pl.read_csv(tmp_path / "log.rejects.csv")
    assert refused.rows() == [(7, "has 2 fields", 'x,"y"')]


def test_metadata_that_make_no_sense_are_not_believed(tmp_path: Path) -> None:
    path = tmp_path / "log.parquet"
    for notes in ("{", json.dumps({"a": 1})):
        metadata = {"headrace.source": "x", "headrace.notes": notes}
        small_log().jobs.write_parquet(path, metadata=metadata)
        assert read(path).notes == ()


def test_events_and_rejects_lie_beside_the_log_and_go_when_there_are_none(tmp_path: Path) -> None:
    path = tmp_path / "log.csv.gz"
    write(small_log(), path)
    assert {p.name for p in tmp_path.iterdir()} == {"log.csv.gz", "log.events.csv.gz", "log.rejects.csv"}
    write(make_log(small_log().jobs, source="", sha256="", format="own"), path)
    assert {p.name for p in tmp_path.iterdir()} == {"log.csv.gz"}


def test_events_may_be_named_and_their_bad_rows_are_rejects(log_csv: Path, tmp_path: Path) -> None:
    events = tmp_path / "down.csv"
    events.write_text("node,start,state\nn1,2025-03-01T08:00:00Z,down\nn2,soon,down\n")
    read_lines(log_csv, HEADER, GOOD)
    log = read(log_csv, node_events=events)
    assert log.node_events["node"].to_list() == ["n1"]
    assert log.rejects[0].reason.startswith("in down.csv, has start 'soon'")
    with pytest.raises(InputError, match="does not exist"):
        read(log_csv, node_events=tmp_path / "none.csv")


def test_a_name_that_says_no_form_is_not_written(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"end it in \.parquet, \.csv\.gz, \.csv"):
        write(small_log(), tmp_path / "log.xlsx")


def test_a_csv_file_cannot_hold_lists_and_the_old_file_stays(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text("old")
    beside(path, "events").write_text("old too")
    jobs = small_log().jobs.with_columns(pl.Series("list", [[1], [2]]))
    with pytest.raises(InputError, match="cannot hold the column 'list'"):
        write(make_log(jobs, source="", sha256="", format="own"), path)
    assert path.read_text() == "old"
    assert beside(path, "events").read_text() == "old too"
    assert len(list(tmp_path.iterdir())) == 2


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be written: No such file or directory"):
        write(small_log(), tmp_path / "none" / "log.csv")


def test_an_interrupted_write_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "log.parquet"
    path.write_text("old")

    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(pl.DataFrame, "write_parquet", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write(make_log(small_log().jobs, source="", sha256="", format="own"), path)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_the_same_log_is_written_as_the_same_bytes(tmp_path: Path) -> None:
    for name in ("log.parquet", "log.csv", "log.csv.gz"):
        write(small_log(), tmp_path / name)
        first = (tmp_path / name).read_bytes()
        write(small_log(), tmp_path / name)
        assert (tmp_path / name).read_bytes() == first


def test_files_beside_a_log_have_its_name() -> None:
    assert beside(Path("x/log.csv.gz"), "events") == Path("x/log.events.csv.gz")
    assert beside(Path("log.parquet"), "rejects", ".csv") == Path("log.rejects.csv")
    assert beside(Path("log"), "events") == Path("log.events")


NAMES = st.text(st.characters(exclude_categories=("Cc", "Cs", "Z")), min_size=1, max_size=6)
INSTANTS = st.integers(0, 10**9).map(lambda ms: EIGHT + timedelta(milliseconds=ms))
SECONDS = st.none() | st.floats(0.001, 1e9)


@st.composite
def rows(draw: st.DrawFn) -> dict[str, object]:
    start, span = draw(INSTANTS), timedelta(milliseconds=draw(st.integers(0, 10**9)))
    return {
        "run": draw(st.integers(0, 3)),
        "tenant": draw(NAMES),
        "user": draw(st.just("") | NAMES),
        "submit": start - timedelta(milliseconds=draw(st.integers(0, 10**9))),
        "start": start,
        "end": start + span,
        "state": draw(st.sampled_from(["completed", "failed", "cancelled", "preempted", "timeout", "node_fail"])),
        "chips": draw(st.integers(0, 8)),
        "nodes": draw(st.integers(1, 64)),
        "share_milli": draw(st.integers(1, 1000)),
        "kinds": draw(st.sampled_from(["", "H20", "H20;Ascend 910B"])),
        "ran_on": draw(st.sampled_from(["", "H20:", ":n1;n2", "H20:h20-1"])),
        "class": draw(st.sampled_from(["serving", "normal", "spare"])),
        "activity": draw(st.none() | st.floats(0, 1)),
        "limit_s": draw(SECONDS),
        "checkpoint_s": draw(SECONDS),
        "workload": draw(st.just("") | NAMES),
        "remark": draw(st.none() | st.text(st.characters(exclude_categories=("Cc", "Cs")), max_size=6)),
        "work_s": draw(SECONDS),
    }


@st.composite
def logs(draw: st.DrawFn) -> JobLog:
    table = draw(st.lists(rows(), min_size=1, max_size=8))
    names = draw(st.lists(NAMES, min_size=len(table), max_size=len(table), unique=True))
    schema = COLUMNS | {"remark": pl.String(), "work_s": pl.Float64()}
    known = {name: schema[name] for name in table[0]}
    jobs = pl.DataFrame(table, schema=known).with_columns(pl.Series("job", names, dtype=pl.String))
    events = pl.DataFrame(
        [(node, begin, state, why) for node, begin, state, why in draw(st.lists(EVENTS, max_size=3))],
        schema={"node": pl.String, "start": TIME, "state": pl.String, "reason": pl.String},
        orient="row",
    )
    return make_log(jobs, events, source="made.txt", sha256="cd", format="own", notes=draw(st.lists(NAMES, max_size=2)))


EVENTS = st.tuples(NAMES, INSTANTS, st.sampled_from(["down", "drain"]), st.just("") | NAMES)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(logs(), st.sampled_from(["log.parquet", "log.csv", "log.csv.gz"]))
def test_a_log_that_is_written_reads_back_equal(
    tmp_path_factory: pytest.TempPathFactory, log: JobLog, name: str
) -> None:
    assert not log.rejects
    path = tmp_path_factory.mktemp("log") / name
    write(log, path)
    again = read(path)
    assert again.jobs.equals(log.jobs)
    assert again.node_events.equals(log.node_events)
    assert not again.rejects
    assert again.equals(log) or not name.endswith(".parquet")


@given(st.permutations([GOOD, GOOD.replace("a,", "b,", 1), "c,t,2025-03-01T08:00:00Z,,,pending,1", "d,,,,,,", "e"]))
def test_the_order_of_the_lines_says_nothing(tmp_path_factory: pytest.TempPathFactory, lines: list[str]) -> None:
    log = read_lines(tmp_path_factory.mktemp("log") / "log.csv", HEADER, *lines)
    assert log.jobs["job"].to_list() == ["a", "b", "c"]
    assert sorted(refused.text for refused in log.rejects) == ["d,,,,,,", "e"]
