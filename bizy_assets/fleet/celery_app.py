"""The Celery app that launcher and workers of a fleet share, so that their settings are the same.

No result is stored: a run's outcome is in Dagster's history.
"""

import time
from collections.abc import Callable
from typing import TypeVar

import kombu.exceptions
import redis
from celery import Celery
from dagster_celery.make_app import make_app

from bizy_assets.core.server import broker
from bizy_assets.core.settings import bizy_home, environment

T = TypeVar("T")

QUEUE = "dagster"

_REDELIVERY_SECONDS = 120
"""When a message is delivered again that no worker has acknowledged.

Workers acknowledge a message when its run has ended. A run that is still executed when its message
is delivered again is not executed twice, because workers claim runs.
"""

_UNREACHABLE_SECONDS = 600.0
"""How long to wait for a broker that does not answer."""

UNREACHABLE = (kombu.exceptions.OperationalError, redis.ConnectionError, redis.TimeoutError)
"""What the broker's clients raise while it cannot be reached."""

_SETTINGS = {
    "broker_transport_options": {
        "visibility_timeout": _REDELIVERY_SECONDS,
        # Look for such messages every ten seconds, not every hundred.
        "unacked_restore_throttle": 1,
    },
    "broker_connection_retry_on_startup": True,
    "broker_connection_max_retries": None,
    "task_acks_late": True,
    "task_reject_on_worker_lost": False,
    "task_ignore_result": True,
    "task_send_sent_event": False,
    "task_default_queue": QUEUE,
    "worker_prefetch_multiplier": 1,
    "worker_send_task_events": False,
    "worker_redirect_stdouts": False,
    "worker_proc_alive_timeout": 60,
}


def fleet_app() -> Celery:
    """Return a new app for the broker of ``BIZY_FLEET_BROKER``, or for the embedded one."""
    settings = {"broker": broker_url(), "config_source": _SETTINGS}
    return make_app(settings)  # type: ignore[no-untyped-call]


def broker_url() -> str:
    """Return the connection URL of the broker, which may hold a password."""
    return environment("BIZY_FLEET_BROKER") or broker.broker_url(bizy_home())


def retry_until_reached(action: Callable[[], T]) -> T:
    """Call a function that uses the broker, again while the broker is being restarted."""
    deadline = time.monotonic() + _UNREACHABLE_SECONDS
    while True:
        try:
            return action()
        except UNREACHABLE:
            if time.monotonic() > deadline:
                raise
            time.sleep(1)
