"""The embedded server: shared by processes, private, and left usable by whatever is killed."""

import os
import signal
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg2
import pytest

from bizy_assets.core import embedded
from bizy_assets_tests.processes import until


@pytest.fixture
def home(folder: Path) -> Iterator[Path]:
    """A home whose server is ended afterwards."""
    path = Path(tempfile.mkdtemp(dir=folder))
    path.chmod(0o755)
    yield path
    embedded.stop(embedded.cluster_folder(path))


def count(url) -> int:
    connection = psycopg2.connect(host=url.query["host"], user=url.username, dbname=url.database)
    with connection, connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_class")
        [number] = cursor.fetchone()
    connection.close()
    return number


def postmaster(home: Path) -> int:
    pid_file = embedded.cluster_folder(home) / "postmaster.pid"
    return int(pid_file.read_text().splitlines()[0])


def ended(process: int) -> bool:
    """Tells whether a process has ended, whether or not somebody has taken note of it."""
    try:
        return psutil.Process(process).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def test_processes_that_start_it_at_once_share_one_server(home: Path) -> None:
    code = (
        "import sys, pathlib; from bizy_assets.core import embedded; "
        "print(embedded.database_url(pathlib.Path(sys.argv[1]), 'bizy'))"
    )
    started = [
        subprocess.Popen([sys.executable, "-c", code, home], stdout=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    said = {process.communicate()[0] for process in started}
    assert [process.returncode for process in started] == [0] * 4
    assert len(said) == 1
    assert count(embedded.database_url(home, "bizy"))


def test_only_its_account_may_open_the_socket(home: Path) -> None:
    url = embedded.database_url(home, "bizy")
    socket_folder = Path(str(url.query["host"]))
    assert stat.S_IMODE(socket_folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((socket_folder / ".s.PGSQL.5432").stat().st_mode) == 0o700


def test_a_long_path_keeps_the_socket_private(home: Path) -> None:
    far = home / ("long" * 20) / ("path" * 10)
    far.mkdir(parents=True)
    try:
        url = embedded.database_url(far, "bizy")
        socket_folder = Path(str(url.query["host"]))
        assert far not in socket_folder.parents
        assert stat.S_IMODE(socket_folder.stat().st_mode) == 0o700
        assert stat.S_IMODE((socket_folder / ".s.PGSQL.5432").stat().st_mode) == 0o700
        assert count(url)
    finally:
        embedded.stop(embedded.cluster_folder(far))


def test_it_listens_on_no_network_address(home: Path) -> None:
    url = embedded.database_url(home, "bizy")
    connection = psycopg2.connect(host=url.query["host"], user=url.username, dbname="bizy")
    with connection, connection.cursor() as cursor:
        cursor.execute("SHOW listen_addresses")
        assert cursor.fetchone() == ("",)
    connection.close()


def test_a_killed_server_comes_up_again_with_its_data(home: Path) -> None:
    url = embedded.database_url(home, "bizy")
    connection = psycopg2.connect(host=url.query["host"], user=url.username, dbname="bizy")
    with connection, connection.cursor() as cursor:
        cursor.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    connection.close()
    first = postmaster(home)
    os.kill(first, signal.SIGKILL)
    until(lambda: ended(first))
    url = embedded.database_url(home, "bizy")
    connection = psycopg2.connect(host=url.query["host"], user=url.username, dbname="bizy")
    with connection, connection.cursor() as cursor:
        cursor.execute("SELECT answer FROM kept")
        assert cursor.fetchone() == (42,)
    connection.close()
    assert postmaster(home) != first


def test_a_number_taken_by_another_process_is_not_taken_for_the_server(home: Path) -> None:
    embedded.database_url(home, "bizy")
    first = postmaster(home)
    os.kill(first, signal.SIGKILL)
    until(lambda: ended(first))
    pid_file = embedded.cluster_folder(home) / "postmaster.pid"
    lines = pid_file.read_text().splitlines()
    pid_file.write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n")
    assert count(embedded.database_url(home, "bizy"))


def test_it_outlives_the_process_that_started_it_until_it_is_stopped(home: Path) -> None:
    code = (
        "import os, sys, pathlib; from bizy_assets.core import embedded; "
        "embedded.database_url(pathlib.Path(sys.argv[1]), 'bizy'); os.kill(os.getpid(), 9)"
    )
    assert subprocess.run([sys.executable, "-c", code, home], check=False).returncode == -9
    running = postmaster(home)
    assert count(embedded.database_url(home, "bizy"))
    assert postmaster(home) == running
    assert embedded.stop(embedded.cluster_folder(home)) is True
    until(lambda: ended(running))
    assert embedded.stop(embedded.cluster_folder(home)) is False
