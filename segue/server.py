"""Serving everything from one process: Granian answers, Huey's threads work.

Granian's threaded server runs in this very process, so there is one program to start, to kill and to count: measured
here against its forking server it needs 42 MB instead of 56 MB for the same small Flask application, at the same
speed, and a kill leaves no child behind that still holds the port.
"""

from __future__ import annotations

import ipaddress
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterable
from functools import partial
from io import BytesIO
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

from flask import Flask
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.server.mt import MTServer

from segue.bodies import Bodies
from segue.errors import SettingsError
from segue.parts import Parts
from segue.web import FORM_LIMIT

CONNECTIONS = 400
"""So many are open at a time; the rest wait to be accepted. A process may often have a thousand files open, no more,
and each connection may have one beside it that is being sent. Each has a thread of its own while it needs one, so who
sends or listens slowly holds up nobody else. Threads are made as they are needed, and one that waits costs little: 400
slow listeners take 80 MB. Where more are busy at once than a machine has use for, they fight over the lock: measured
on a small view, 16 connections are answered as fast as by 16 threads, 64 a quarter more slowly."""
HEAD_SECONDS = 5
"""How long a connection may be idle, or take to say what it wants."""
HEAD_BYTES = 65_536
"""The longest head; and so much of an answer is kept ready for whoever takes it slowly."""
TURN_SECONDS = 0.5
"""Who has waited this long goes in all the same: one that waits for the database then blocks nobody."""
HEALTH = "/healthz"
"""It asks nobody for anything, so it is answered whatever all others wait for."""
TOGETHER = 16
"""So many of those are inside at once at the most."""
WAKE_SECONDS = 0.25
SLOW_SECONDS = 3.0
"""How long the end waits for those who are halfway through sending a form."""
STOP_LIMIT_SECONDS = 9.6
"""A stop takes ten seconds at the most, whatever holds it up: the system ends it then, and nothing is lost by that."""


def serve(app: Flask) -> None:
    """Serve `app` with its workers, if it has any, embedded until told to stop, then end the program.

    Raises SettingsError when the address is taken, or would be open to the network without anybody having said so.
    """
    here: Parts = app.extensions["segue"]
    host, port = here.settings.host, here.settings.port
    address = _free_address(host, port)
    if not (ipaddress.ip_address(address).is_loopback or here.members.exist() or here.settings.open):
        raise SettingsError(
            f"on {host} everybody in the network could use it. Invite yourself first, with "
            "`flask --app app member invite YOUR-NAME`, or set SEGUE_OPEN=yes if it is meant to be open to all."
        )
    consumer = here.jobs.embedded(here.settings.workers) if here.settings.workers else None
    server = OneProcess(
        partial(consumer.stop, graceful=True) if consumer else lambda: None,
        "segue",
        address=address,
        port=port,
        interface=Interfaces.WSGI,
        blocking_threads=CONNECTIONS,
        websockets=False,
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=HEAD_SECONDS * 1000, max_buffer_size=HEAD_BYTES),
        backpressure=CONNECTIONS,
        log_enabled=False,
    )

    @server.on_startup
    def start_working() -> None:
        if consumer:
            here.clips.resume()
            consumer.start()
        print("Players:", ", ".join(provider.title for provider in here.providers.values()))
        print(f"Segue is at http://{f'[{host}]' if ':' in host else host}:{port}  (Ctrl-C stops it)", flush=True)

    bodies = Bodies(port, FORM_LIMIT, crowd=CONNECTIONS // 2)
    server.serve(target_loader=lambda: Gate(app, bodies), wrap_loader=False)
    here.database.close()
    # All is put away. A thread that still waits for a half-sent form would keep the program from ending by itself.
    sys.stdout.flush()
    os._exit(0)


class Gate:
    """Lets one thread at a time into the application; the others wait outside without fighting over the interpreter.

    A form is read before, while it trickles in, and a file is sent after: only Python itself takes turns.
    """

    def __init__(self, app: Flask, bodies: Bodies) -> None:
        self._app = app
        self._bodies = bodies
        self._turn = threading.Lock()
        self._out_of_turn = threading.Semaphore(TOGETHER)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ.get("CONTENT_LENGTH") or environ.get("HTTP_TRANSFER_ENCODING"):
            body = self._bodies.read(environ)
            if body is None:
                start_response("408 Request Timeout", [("Content-Type", "text/plain; charset=utf-8")])
                return [b"That came too slowly, or not whole. Send it again.\n"]
            environ["wsgi.input"] = BytesIO(body)
        if environ["PATH_INFO"] == HEALTH:
            return self._app(environ, start_response)
        turn: threading.Lock | threading.Semaphore = self._turn
        if not turn.acquire(timeout=TURN_SECONDS):
            turn = self._out_of_turn
            turn.acquire()
        try:
            answer = self._app(environ, start_response)
        finally:
            turn.release()
        return self._bodies.sent(answer)


class Waking(threading.Event):
    """Waits without sleeping for ever.

    The system may give a signal to any thread, but only the main one acts upon it, and only when it is awake.
    """

    def wait(self, timeout: float | None = None) -> bool:
        while not super().wait(WAKE_SECONDS if timeout is None else timeout):
            if timeout is not None:
                return False
        return True


class OneProcess(MTServer):
    """Granian's threads, on an interpreter with its lock: its own check would insist on one without.

    `stop_working` ends what else there is; that takes its time, and runs while the web comes to its own end.
    """

    def __init__(self, stop_working: Callable[[], None], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._stop_working = stop_working
        self.main_loop_interrupt = Waking()

    def _check_gil(self) -> None:
        pass

    def _stop_workers(self) -> None:
        stopping = threading.Thread(target=self._stop_working, daemon=True)
        stopping.start()
        for worker in self.wrks:
            threading.Thread(target=worker.terminate, daemon=True).start()
            worker.join(SLOW_SECONDS)  # type: ignore[no-untyped-call]
        stopping.join()

    def signal_handler_interrupt(self, *args: Any, **kwargs: Any) -> None:
        signal.setitimer(signal.ITIMER_REAL, STOP_LIMIT_SECONDS)
        super().signal_handler_interrupt(*args, **kwargs)  # type: ignore[no-untyped-call]

    def signal_handler_reload(self, *args: Any, **kwargs: Any) -> None:
        # A terminal that is closed ends the studio it was started from.
        self.signal_handler_interrupt(*args, **kwargs)


def _free_address(host: str, port: int) -> str:
    """The numeric address of `host`, free to listen on: Granian would share a port with whoever has it already."""
    try:
        family, _, _, _, place = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(place)
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or "that is no name of a machine"
        raise SettingsError(
            f"it cannot listen on {host}, port {port} ({reason}): "
            "choose another place with SEGUE_HOST and SEGUE_PORT, or stop what is using this one."
        ) from error
    return str(place[0])
