"""Where a study came from, so that it can be made again: version, inputs with checksums, seed, command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headrace.report.names import plain

if TYPE_CHECKING:
    from headrace.report.study import Study
    from headrace.report.words import Words


def provenance(study: Study, words: Words) -> tuple[tuple[str, str], ...]:
    """(what, which) in the order in which they are shown last."""
    return (
        (words("provenance.version"), f"headrace {plain(study.version)}"),
        (words("provenance.log"), named_input(study.source, study.sha256, words)),
        (words("provenance.fleet"), named_input(study.fleet.name, study.fleet_sha256, words)),
        (words("provenance.seed"), str(study.seed)),
        (words("provenance.command"), plain(study.command)),
    )


def named_input(name: str, checksum: str, words: Words) -> str:
    """A file with its checksum; what was made on the spot has none, and follows from the seed."""
    return words("provenance.input", name=plain(name), sha256=plain(checksum)) if checksum else plain(name)
