"""`headrace cancel`: end jobs for good."""

from __future__ import annotations

from urllib.parse import quote

from headrace.cli.client import server
from headrace.cli.inputs import console, language
from headrace.errors import ServerError
from headrace.report.live.submitted import render_cancelled
from headrace.serve.shapes import Job


def run(jobs: list[str], json: bool, lang: str | None) -> None:
    """Cancel each of `jobs`; those that cannot be are told at the end, in one ServerError."""
    spoken = language(lang)
    asked = server(spoken)
    done, refused = list[Job](), list[str]()
    for job in dict.fromkeys(jobs):
        try:
            done.append(asked.post(Job, f"/jobs/{quote(job, safe='')}/cancel"))
        except ServerError as error:
            refused.append(str(error))
    if json:
        from headrace.cli.printed import print_json

        print_json([job.model_dump() for job in done])
    else:
        for one in done:
            render_cancelled(one, console(), spoken)
    if refused:
        raise ServerError("; ".join(dict.fromkeys(refused)))
