"""The server: everything opened in order, served until it is told to end, and closed in order.

SIGTERM, Ctrl-C    the turn that runs ends, answers are finished, the lease is given back: exit 0
Ctrl-C again       at once
"""

from __future__ import annotations

import logging
import os
import signal
import socket
import sys
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Final

import uvicorn
from anyio.to_thread import current_default_thread_limiter

from headrace.errors import InputError
from headrace.live.engines.local.watch import wall_ms
from headrace.live.store.store import Store
from headrace.serve.address import address, allowed_hosts
from headrace.serve.app import make_app
from headrace.serve.certificate import refuse_unusable_certificate
from headrace.serve.engines import open_engine, refuse_absent_fleet
from headrace.serve.loop import Loop
from headrace.serve.seal import seal
from headrace.serve.serving import Serving
from headrace.serve.settings import data_folder, store_url
from headrace.serve.submitting import finish_submissions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from types import FrameType

    from headrace.serve.address import Address
    from headrace.serve.settings import Settings

LOG: Final = logging.getLogger("headrace.serve")
PATIENCE_S: Final = 10.0
"""How long the last turn, and the last answers, may take."""
THREADS: Final = 4
"""Threads that answer. More would only wait for each other: Python runs one at a time, and each statement of a database
hands over. The 40 that are usual answered a quarter of the requests."""
SWITCH_S: Final = 0.001
"""How long a thread may run while another waits: what answers is short, and a round is not."""
ENDING: Final = (signal.SIGINT, signal.SIGTERM)


class Server(uvicorn.Server):
    """Uvicorn's, which ends cleanly when told to, and at once when told again by Ctrl-C."""

    def __init__(self, config: uvicorn.Config, serving: Serving) -> None:
        super().__init__(config)
        self._serving = serving

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Until the end, signals end the server, and nothing else."""
        before = {number: signal.signal(number, self.handle_exit) for number in ENDING}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        if self.should_exit and sig == signal.SIGINT:
            os._exit(130)
        self._serving.stopping = True
        self.should_exit = True

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin, with few threads for answers."""
        current_default_thread_limiter().total_tokens = THREADS
        await super().startup(sockets)


def serve(settings: Settings, folder: Path, said: Callable[[str], None]) -> None:
    """Serve until told to end; `said` is handed the address once it is listened on. Raises HeadraceError."""
    listening = address(settings)
    refuse_unusable_certificate(settings, folder)
    refuse_absent_fleet(settings, folder)
    with ExitStack() as closing:
        door = closing.enter_context(listen_on(listening))
        serving = open_serving(settings, folder, closing)
        loop = Loop(serving)
        server = Server(configured(settings, folder, serving, listening), serving)
        sys.setswitchinterval(SWITCH_S)
        loop.start()
        closing.callback(loop.stop, PATIENCE_S)
        said(_url(door.getsockname(), settings.tls is not None))
        server.run([door])
    LOG.info("ended", extra={"facts": {"what": "ended"}})


def listen_on(where: Address) -> socket.socket:
    """A socket that listens there. Raises InputError where that cannot be."""
    family = socket.AF_INET6 if ":" in where.host else socket.AF_INET
    try:
        return socket.create_server((where.host, where.port), family=family)
    except OSError as error:
        what = f"{where.host}:{where.port} cannot be had: {error.strerror or error}"
        raise InputError("listen", what, "end what listens there, or listen elsewhere") from None


def open_serving(settings: Settings, folder: Path, closing: ExitStack) -> Serving:
    """Engine and store, opened; `closing` closes them."""
    data_folder().mkdir(mode=0o700, parents=True, exist_ok=True)
    with ExitStack() as otherwise:
        store = Store.open(store_url(settings), seal=seal(settings, folder))
        otherwise.callback(store.close)
        opened = open_engine(settings, folder, store.jobs_alive())
        otherwise.callback(opened.close)
        lease_file = folder / settings.watchdog.lease if settings.watchdog else None
        serving = Serving(settings, opened, store, lease_file)
        finish_submissions(serving, wall_ms())
        otherwise.pop_all()
    closing.callback(serving.close)
    return serving


def configured(settings: Settings, folder: Path, serving: Serving, listening: Address) -> uvicorn.Config:
    """How uvicorn is to serve it."""
    tls = settings.tls
    return uvicorn.Config(
        make_app(serving, allowed_hosts(settings, listening), secure=tls is not None),
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=settings.behind_proxy,
        ssl_certfile=str(folder / tls.cert) if tls else None,
        ssl_keyfile=str(folder / tls.key) if tls else None,
        timeout_graceful_shutdown=round(PATIENCE_S),
        limit_concurrency=1000,
        lifespan="off",
    )


def _url(where: tuple[object, ...], secure: bool) -> str:
    host = f"[{where[0]}]" if ":" in str(where[0]) else where[0]
    return f"http{'s' if secure else ''}://{host}:{where[1]}"
