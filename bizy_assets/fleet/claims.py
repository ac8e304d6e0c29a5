"""Claims of runs by processes, kept by the broker, so that a run is executed once.

The broker may deliver a message twice: after a restart of its own, or if a worker took long.
"""

from celery import Celery

from bizy_assets.fleet.celery_app import retry_until_reached
from bizy_assets.runtime import is_gone, this_process

_SECONDS = 86_400
"""Longer than a message can exist."""


def claim(app: Celery, run_id: str) -> bool:
    """Return True if no other process has claimed the run, except ones that have ended."""
    return retry_until_reached(lambda: _claim(app, _key(run_id)))


def is_claimed(app: Celery, run_id: str) -> bool:
    """Return True if a process has claimed the run."""
    with app.connection_for_write() as connection:
        return bool(connection.default_channel.client.exists(_key(run_id)))


def _key(run_id: str) -> str:
    return f"bizy-run {run_id}"


def _claim(app: Celery, key: str) -> bool:
    with app.connection_for_write() as connection:
        client = connection.default_channel.client
        while not client.set(key, this_process(), nx=True, ex=_SECONDS):
            holder = (client.get(key) or b"").decode()
            if not is_gone(holder):
                # An earlier attempt of this process may have lost the answer.
                return holder == this_process()
            # Only one process can succeed the one that has ended.
            key = f"{key} {holder}"
    return True
