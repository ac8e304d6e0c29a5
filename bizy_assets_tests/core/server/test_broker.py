"""The embedded broker: private, and a restart loses nothing."""

import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

import kombu
import psutil
import pytest

from bizy_assets.core.server import broker


@pytest.fixture
def home(folder: Path) -> Iterator[Path]:
    """A home that another account may enter, with a character that URLs quote."""
    above = Path(tempfile.mkdtemp(prefix="my files, ", dir=folder))
    above.chmod(0o755)
    yield above / "home"
    broker.stop_broker(above / "home")


def process_of(home: Path) -> psutil.Process:
    process = broker.broker_process(broker.broker_folder(home))
    assert process is not None
    return process


def test_a_killed_broker_keeps_its_messages_and_nobody_else_can_reach_it(home: Path) -> None:
    assert broker.start_broker(home)
    assert not broker.start_broker(home)
    process = process_of(home)
    assert process.net_connections("tcp") == []
    assert process.uids().real != 0
    status = (broker.broker_folder(home) / "redis.sock").stat()
    assert stat.S_IMODE(status.st_mode) == 0o700
    with kombu.Connection(broker.broker_url(home)) as connection:
        connection.SimpleQueue("queue").put("message")
    process.kill()
    psutil.wait_procs([process])
    assert broker.start_broker(home)
    with kombu.Connection(broker.broker_url(home)) as connection:
        assert connection.SimpleQueue("queue").get(timeout=10).payload == "message"
    assert broker.stop_broker(home)
    assert not broker.stop_broker(home)
    assert not process.is_running()
