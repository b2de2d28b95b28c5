"""The command line: one file a verb, each read -> one library call -> render.

0  done        1  the answer is "no"        2  the input or the call was wrong        130  interrupted
"""

from __future__ import annotations

import os
import sys

INTERRUPTED = "interrupted; nothing was left half written", 130


def main() -> None:
    """Run `headrace`. Whatever goes wrong ends in a sentence on stderr, never in a traceback."""
    from headrace.cli.app import app
    from headrace.cli.interrupt import listen
    from headrace.errors import HeadraceError

    listen()
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    try:
        app()
    except HeadraceError as error:
        _end(str(error), error.exit_code)
    except KeyboardInterrupt:
        _end(*INTERRUPTED)
    except SystemExit as ended:
        if ended.code != 130:  # what the library of the command line makes of KeyboardInterrupt, without a word
            raise
        _end(*INTERRUPTED)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except Exception as error:
        if os.environ.get("HEADRACE_TRACEBACK"):
            raise
        _end(f"a fault in Headrace: {type(error).__name__}: {error}; HEADRACE_TRACEBACK=1 shows where", 70)


def _end(sentence: str, code: int) -> None:
    print(f"headrace: {' '.join(sentence.split())}", file=sys.stderr)  # noqa: T201
    sys.exit(code)
