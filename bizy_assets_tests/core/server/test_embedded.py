"""The embedded server: shared by processes, private, and usable after any process is killed."""

import os
import re
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
import sqlalchemy as sa
from sqlalchemy import make_url

from bizy_assets.core.errors import TargetError
from bizy_assets.core.postgres import connect, fetch_batches
from bizy_assets.core.server.embedded import (
    embedded_cluster_folder,
    embedded_database_url,
    ensure_running,
    stop_embedded_server,
    stop_unused_server,
)
from bizy_assets_tests.support.families import exhaustive
from bizy_assets_tests.support.processes import until

MORE_NAMES = ["a space", "a'quote", 'a"quote', "a&b;c", "a#b", "a\\b", "$(x)`x`", "tab\there"]


@pytest.fixture
def home(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A home whose server is stopped afterwards, and whose links are not left behind."""
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    path = Path(tempfile.mkdtemp(dir=folder))
    path.chmod(0o755)
    yield path
    stop_embedded_server(embedded_cluster_folder(path))


def count(url) -> int:
    connection = psycopg2.connect(host=url.query["host"], user=url.username, dbname=url.database)
    with connection, connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_class")
        [number] = cursor.fetchone()
    connection.close()
    return number


def postmaster(home: Path) -> int:
    pid_file = embedded_cluster_folder(home) / "postmaster.pid"
    return int(pid_file.read_text().splitlines()[0])


def ended(process: int) -> bool:
    """Return True if a process has ended, even if its parent has not waited for it."""
    try:
        return psutil.Process(process).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def socket_of(url) -> Path:
    return Path(str(url.query["host"])) / ".s.PGSQL.5432"


def assert_private(socket: Path) -> None:
    """Assert that the socket and its folder belong to one account and are closed to all others."""
    assert stat.S_IMODE(socket.parent.stat().st_mode) == 0o700
    assert stat.S_IMODE(socket.stat().st_mode) == 0o700
    assert socket.parent.stat().st_uid == socket.stat().st_uid


def test_a_server_that_another_client_uses_is_not_stopped(home: Path) -> None:
    url = embedded_database_url(home, "bizy")
    client = psycopg2.connect(host=url.query["host"], user=url.username, dbname=url.database)
    assert not stop_unused_server(embedded_cluster_folder(home))
    client.close()
    assert stop_unused_server(embedded_cluster_folder(home))
    assert not stop_unused_server(embedded_cluster_folder(home))


@pytest.mark.exhaustive
def test_processes_that_start_it_at_once_share_one_server(home: Path) -> None:
    code = (
        "import sys, pathlib; from bizy_assets.core.server import embedded; "
        "print(embedded.embedded_database_url(pathlib.Path(sys.argv[1]), 'bizy'))"
    )
    started = [
        subprocess.Popen([sys.executable, "-c", code, home], stdout=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    urls = {process.communicate()[0] for process in started}
    assert [process.returncode for process in started] == [0] * 4
    assert len(urls) == 1
    assert count(embedded_database_url(home, "bizy"))


def test_only_its_account_may_open_the_socket(home: Path) -> None:
    assert_private(socket_of(embedded_database_url(home, "bizy")))


@pytest.mark.parametrize(
    "name",
    [
        *("a,comma", "100%41+@", "ü 日本"),
        *exhaustive(*MORE_NAMES),
    ],
)
def test_a_home_of_any_name_works(home: Path, name: str) -> None:
    odd = home / name
    odd.mkdir()
    cluster = embedded_cluster_folder(odd)
    try:
        url = embedded_database_url(odd, "bizy")
        # As text, which is how Dagster's own storage takes it.
        assert count(make_url(url.render_as_string(hide_password=False)))
        assert_private(socket_of(url))
        assert (socket_of(url).parent == cluster) is ("," not in name)
        first = postmaster(odd)
        os.kill(first, signal.SIGKILL)
        until(lambda: ended(first))
        assert count(embedded_database_url(odd, "bizy"))
    finally:
        assert stop_embedded_server(cluster) is True
    assert (cluster / "log").stat().st_size
    assert not list(cluster.glob(".s.PGSQL*"))


@pytest.mark.parametrize("version", [16, 18])
def test_both_versions_accept_every_special_character_at_once(home: Path, version: int) -> None:
    cluster = home / "a ,'\"$(x)\\&"
    try:
        folder = ensure_running(cluster, version=version)
        assert_private(folder / ".s.PGSQL.5432")
        assert (cluster / "PG_VERSION").read_text().strip() == str(version)
    finally:
        stop_embedded_server(cluster)


@pytest.mark.parametrize(
    ("name", "shown"), [("two\nlines", r"'\n'"), ("a\rb", r"'\r'"), ("a\udcffb", r"'\udcff'")]
)
def test_an_invalid_character_in_the_path_is_refused(home: Path, name: str, shown: str) -> None:
    with pytest.raises(TargetError) as raised:
        embedded_database_url(home / name, "bizy")
    assert f"the character {shown}; set BIZY_HOME" in str(raised.value)
    assert not list(home.iterdir())


def far_home(home: Path) -> Path:
    far = home / ("long" * 20) / ("päth" * 10)
    far.mkdir(parents=True)
    return far


def test_a_long_path_keeps_the_socket_private(home: Path) -> None:
    far = far_home(home)
    try:
        url = embedded_database_url(far, "bizy")
        assert far not in socket_of(url).parents
        assert_private(socket_of(url))
        assert count(url)
    finally:
        stop_embedded_server(embedded_cluster_folder(far))


@pytest.mark.exhaustive
def test_the_longest_path_of_a_socket_is_used_to_its_last_byte(home: Path) -> None:
    room = 103 - len(os.fsencode(home / "postgres" / ".s.PGSQL.5432")) - 1
    for length, within in (room, True), (room + 1, False):
        near = home / ("n" * length)
        near.mkdir()
        try:
            url = embedded_database_url(near, "bizy")
            assert (near in socket_of(url).parents) is within
            assert count(url)
        finally:
            stop_embedded_server(embedded_cluster_folder(near))


def test_a_link_of_another_account_or_to_another_folder_is_refused(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    far = far_home(home)
    temporary = home / "tmp"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    url = embedded_database_url(far, "bizy")
    link = socket_of(url).parent
    assert link.parent == temporary
    assert link.readlink() == embedded_cluster_folder(far)
    refused = re.escape(f"{link}, which is not this account's link to {link.readlink()};")
    elsewhere = home / "elsewhere"
    elsewhere.mkdir()
    link.unlink()
    link.symlink_to(elsewhere)
    with pytest.raises(TargetError, match=refused):
        embedded_database_url(far, "bizy")
    link.unlink()
    link.touch()
    with pytest.raises(TargetError, match=refused):
        embedded_database_url(far, "bizy")
    link.unlink()
    if os.geteuid() == 0:
        link.symlink_to(embedded_cluster_folder(far))
        os.lchown(link, 65534, 65534)
        with pytest.raises(TargetError, match=refused):
            embedded_database_url(far, "bizy")
        link.unlink()
    assert not list(elsewhere.iterdir())
    assert embedded_database_url(far, "bizy") == url
    stop_embedded_server(embedded_cluster_folder(far))


def test_a_link_removed_from_the_temporary_directory_is_created_again(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    far = far_home(home)
    monkeypatch.setattr(tempfile, "tempdir", str(home))
    try:
        url = embedded_database_url(far, "bizy")
        socket_of(url).parent.unlink()
        running = postmaster(far)
        assert embedded_database_url(far, "bizy") == url
        assert postmaster(far) == running
    finally:
        stop_embedded_server(embedded_cluster_folder(far))


@pytest.mark.exhaustive
def test_the_link_replaces_the_socket_folder_of_an_earlier_release(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    far = far_home(home)
    cluster = embedded_cluster_folder(far)
    monkeypatch.setattr(tempfile, "tempdir", str(home))
    try:
        url = embedded_database_url(far, "bizy")
        stop_embedded_server(cluster)
        # What a killed server of an earlier release left.
        folder = socket_of(url).parent
        folder.unlink()
        folder.mkdir()
        socket_of(url).touch()
        lines = [os.getpid(), cluster, 0, 5432, folder]
        (cluster / "postmaster.pid").write_text("\n".join(map(str, lines)) + "\n")
        assert embedded_database_url(far, "bizy") == url
        assert count(url)
    finally:
        stop_embedded_server(embedded_cluster_folder(far))


@pytest.mark.parametrize("name", ["t" * 100, "a,b"])
def test_a_temporary_directory_that_cannot_hold_the_link_is_an_error(
    home: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    (home / name).mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(home / name))
    with pytest.raises(TargetError, match="too long or contains a comma; set TMPDIR"):
        embedded_database_url(far_home(home), "bizy")


def test_a_server_without_the_settings_file_starts_with_it(home: Path) -> None:
    embedded_database_url(home, "bizy")
    cluster = embedded_cluster_folder(home)
    stop_embedded_server(cluster)
    (cluster / "bizy.conf").unlink()
    main = cluster / "postgresql.conf"
    ours = main.read_text()
    main.write_text(ours.partition("\n# Written by bizy-assets.")[0] + "\nwork_mem = 5MB")
    for _ in range(2):
        assert_private(socket_of(embedded_database_url(home, "bizy")))
        stop_embedded_server(cluster)
    assert main.read_text().count("bizy.conf") == 1


def test_a_server_that_cannot_start_is_an_error(home: Path) -> None:
    embedded_database_url(home, "bizy")
    cluster = embedded_cluster_folder(home)
    stop_embedded_server(cluster)
    with (cluster / "postgresql.conf").open("a") as file:
        file.write("no_such_setting = 1\n")
    with pytest.raises(TargetError, match=r"does not start; see the end of .*log for the reason"):
        embedded_database_url(home, "bizy")
    assert "no_such_setting" in (cluster / "log").read_text()


def test_a_home_that_is_a_file_is_an_error(home: Path) -> None:
    (home / "file").touch()
    with pytest.raises(
        TargetError, match=r"does not start, because .*; set BIZY_HOME to a writable"
    ):
        embedded_database_url(home / "file", "bizy")


def test_it_listens_on_no_network_address(home: Path) -> None:
    url = embedded_database_url(home, "bizy")
    connection = psycopg2.connect(host=url.query["host"], user=url.username, dbname="bizy")
    with connection, connection.cursor() as cursor:
        cursor.execute("SHOW listen_addresses")
        assert cursor.fetchone() == ("",)
    connection.close()


def test_a_killed_server_starts_again_with_its_data(home: Path) -> None:
    url = embedded_database_url(home, "bizy")
    connection = psycopg2.connect(host=url.query["host"], user=url.username, dbname="bizy")
    with connection, connection.cursor() as cursor:
        cursor.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    connection.close()
    first = postmaster(home)
    os.kill(first, signal.SIGKILL)
    until(lambda: ended(first))
    url = embedded_database_url(home, "bizy")
    connection = psycopg2.connect(host=url.query["host"], user=url.username, dbname="bizy")
    with connection, connection.cursor() as cursor:
        cursor.execute("SELECT answer FROM kept")
        assert cursor.fetchone() == (42,)
    connection.close()
    assert postmaster(home) != first


@pytest.mark.exhaustive
def test_a_process_id_reused_by_another_process_is_not_the_server(home: Path) -> None:
    embedded_database_url(home, "bizy")
    first = postmaster(home)
    os.kill(first, signal.SIGKILL)
    until(lambda: ended(first))
    pid_file = embedded_cluster_folder(home) / "postmaster.pid"
    lines = pid_file.read_text().splitlines()
    pid_file.write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n")
    assert count(embedded_database_url(home, "bizy"))


def test_it_runs_until_it_is_stopped_whatever_happens_to_the_starting_process(home: Path) -> None:
    code = (
        "import os, sys, pathlib; from bizy_assets.core.server import embedded; "
        "embedded.embedded_database_url(pathlib.Path(sys.argv[1]), 'bizy'); os.kill(os.getpid(), 9)"
    )
    assert subprocess.run([sys.executable, "-c", code, home], check=False).returncode == -9
    running = postmaster(home)
    assert count(embedded_database_url(home, "bizy"))
    assert postmaster(home) == running
    assert stop_embedded_server(embedded_cluster_folder(home)) is True
    until(lambda: ended(running))
    assert stop_embedded_server(embedded_cluster_folder(home)) is False


def test_an_address_in_the_environment_does_not_replace_its_socket(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A documentation address, at which no server answers.
    monkeypatch.setenv("PGHOSTADDR", "192.0.2.1")
    with connect(embedded_database_url(home, "bizy"), purpose="test") as connection:
        with connection.begin():
            [batch] = fetch_batches(connection, sa.select(sa.literal(7)), expected_rows=10**6)
        assert batch.column(0).to_pylist() == [7]
