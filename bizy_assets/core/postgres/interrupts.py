"""Cancels what a process waits for in PostgreSQL when the process is interrupted.

libpq does not return to Python for a signal. An interrupt would otherwise end a run only with the
statement that it waits for, which is after a minute if another session holds a lock.
"""

import functools
import os
import signal
import socket
import threading
import weakref
from contextlib import suppress
from typing import Any

import psycopg2
import sqlalchemy as sa
from sqlalchemy import event

_sessions: "weakref.WeakSet[Any]" = weakref.WeakSet()
"""The open sessions of this process whose statements are cancelled."""

_INTERRUPTS = {signal.SIGINT, signal.SIGTERM}
"""Dagster ends a run in the same way for both."""


def cancel_on_interrupt(engine: sa.Engine) -> None:
    """Cancel the statement of each session of an engine when this process is interrupted."""
    event.listen(engine, "connect", lambda session, _: _sessions.add(session))
    if threading.current_thread() is threading.main_thread():
        _listen()


@functools.cache
def _listen() -> None:
    """Let a thread learn of signals, which Python's main thread may be unable to handle yet."""
    received, sent = socket.socketpair()
    sent.setblocking(False)
    if (other := signal.set_wakeup_fd(sent.fileno(), warn_on_full_buffer=False)) != -1:
        # An event loop handles the signals of this process.
        signal.set_wakeup_fd(other)
        return
    os.register_at_fork(after_in_child=_forget)
    threading.Thread(target=_cancel_all, args=(received, sent), daemon=True).start()


def _cancel_all(received: socket.socket, _: socket.socket) -> None:
    """Wait for interrupts; the sockets stay open as long as the thread runs."""
    while numbers := received.recv(1):
        for session in _open_sessions() if numbers[0] in _INTERRUPTS else ():
            with suppress(psycopg2.Error):
                session.cancel()


def _open_sessions() -> list[Any]:
    while True:
        # It fails if another thread opens one meanwhile.
        with suppress(RuntimeError):
            return list(_sessions)


def _forget() -> None:
    """Leave the parent's sockets and sessions to the parent."""
    _sessions.clear()
    _listen.cache_clear()
    with suppress(ValueError):
        signal.set_wakeup_fd(-1)
