"""Rows as Slurm prints them, made up: nodes in columns of a fixed width, jobs as values with a word after each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from headrace.live.engines.slurm import nodes, queue

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

NODE: Final = {"NodeList": "h20-1", "StateComplete": "idle", "Gres": "gpu:h20:6", "CPUs": "32", "Memory": "256000"} | {
    "Features": "nvidia,h20",
    "Reason": "none",
}
JOB: Final = dict.fromkeys(queue.COLUMNS, "N/A") | {
    "JobArrayID": "7",
    "HetJobID": "N/A",
    "Partition": "front",
    "State": "PENDING",
    "Reason": "PartitionDown",
    "RestartCnt": "0",
    "SubmitTime": "1795337589",
    "TimeLimit": "10:00",
    "NumNodes": "1",
    "NumCPUs": "1",
    "tres-alloc": "cpu=1,mem=1000M,node=1,billing=1,gres/gpu=2",
    "tres-per-node": "gres:gpu:2",
    "OverSubscribe": "OK",
    "PriorityLong": "4294901742",
    "Account": "team-a",
    "UserName": "nobody",
    "Reservation": "(null)",
    "Licenses": "(null)",
    "Comment": "(null)",
    "Name": "work.sh",
    "NodeList": "",
    "ReqNodes": "",
    "Feature": "(null)",
}


def fixed(rows: Iterable[Mapping[str, str]], columns: Mapping[str, int]) -> bytes:
    """As `-O` prints them: cut and filled to the width, in bytes."""
    return b"".join(
        b"".join(row[name].encode("utf-8", "replace")[:width].ljust(width) for name, width in columns.items()) + b"\n"
        for row in rows
    )


def printed_nodes(*rows: Mapping[str, str]) -> bytes:
    return fixed((NODE | row for row in rows), nodes.COLUMNS)


def printed_jobs(*rows: Mapping[str, str], word: str, last: str) -> bytes:
    """As `-O NAME:0WORD` prints them; C's strings hold no NUL, and what is no text is printed as it can be."""
    jobs = (word.join((JOB | row)[name].replace("\0", "?") for name in queue.COLUMNS) for row in rows)
    return "".join(f"{job}{last}\n" for job in jobs).encode("utf-8", "replace")


def printed_excluded(*rows: Mapping[str, str]) -> bytes:
    return "".join(f"{(JOB | row)['JobArrayID']}|{row.get('excluded', '')}\n" for row in rows).encode()


class Scripted:
    """Stands in for `Tools`: says what it was given, by the command's name and its first telling option."""

    wait = 5.0

    def __init__(self, node_rows: Iterable[Mapping[str, str]], job_rows: Iterable[Mapping[str, str]]) -> None:
        self.node_rows, self.job_rows, self.at = [*node_rows], [*job_rows], 1_795_337_600
        self.ended = b""

    def ask(self, name: str, *options: str, **variables: str) -> bytes:
        if name == "sinfo":
            return printed_nodes(*self.node_rows)
        if name == "squeue" and "-o" in options:
            return printed_excluded(*self.job_rows)
        if name == "squeue":
            _, word, *_, last = [name.partition(":0")[2] for name in variables[queue.FORMAT].split(",")]
            return printed_jobs(*self.job_rows, word=word, last=last)
        if "partition" in options:
            return b"PartitionName=front State=DOWN\n"
        return f"sdiag output at Sun ({self.at})\n".encode() if name == "sdiag" else self.ended
