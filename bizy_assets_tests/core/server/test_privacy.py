"""The embedded server's folders, account and lock: closed to others, and nothing else changed."""

import fcntl
import os
import re
import stat
import tempfile
from collections.abc import Iterator
from importlib.machinery import ModuleSpec
from pathlib import Path

import psutil
import pytest

from bizy_assets.core.errors import BizyError, ConfigurationError, TargetError
from bizy_assets.core.server import account, embedded
from bizy_assets.core.server.account import Account
from bizy_assets.core.server.embedded import (
    embedded_cluster_folder,
    embedded_database_url,
    stop_embedded_server,
)
from bizy_assets.core.server.start_lock import start_lock
from bizy_assets.core.settings import bizy_home

AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root uses another account")
ACCOUNTS = Path("/etc/passwd")


@pytest.fixture
def above(folder: Path) -> Iterator[Path]:
    """A folder with a home in it, whose server is stopped afterwards."""
    path = Path(tempfile.mkdtemp(dir=folder))
    path.chmod(0o711)
    yield path
    stop_embedded_server(embedded_cluster_folder(path / "home"))


@pytest.fixture
def _umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def server_process(home: Path) -> psutil.Process:
    pid_file = embedded_cluster_folder(home) / "postmaster.pid"
    return psutil.Process(int(pid_file.read_text().split()[0]))


@pytest.mark.usefixtures("_umask")
def test_a_start_changes_nothing_outside_of_the_home(above: Path) -> None:
    home, accounts = above / "home", ACCOUNTS.read_bytes()
    modes = {path: mode(path) for path in [above, *above.parents]}
    embedded_database_url(home, "bizy")
    assert {path: mode(path) for path in modes} == modes
    assert ACCOUNTS.read_bytes() == accounts
    assert {path.name for path in home.iterdir()} == {".postgres.lock", "postgres"}
    assert mode(home) == (0o710 if os.geteuid() == 0 else 0o700)
    assert mode(home / ".postgres.lock") == 0o600
    assert mode(home / "postgres") == 0o700


@AS_ROOT
def test_root_s_server_runs_under_ids_that_no_account_has(above: Path) -> None:
    embedded_database_url(above / "home", "bizy")
    ids = [*server_process(above / "home").uids(), *server_process(above / "home").gids()]
    [used] = set(ids)
    assert not re.search(rf":{used}:", ACCOUNTS.read_text())
    assert (above / "home").stat().st_gid == used


@AS_ROOT
def test_data_and_programs_below_a_closed_folder_are_where_the_server_can_enter(
    above: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    state, package = folder / "state", account.programs(18).parents[1]
    monkeypatch.setattr(account, "STATE_FOLDER", state)
    for name in (package.name, f"{package.name}.libs"):
        (above / name).symlink_to(package.with_name(name))
    spec = ModuleSpec(package.name, None, is_package=True)
    spec.submodule_search_locations = [str(above / package.name)]
    monkeypatch.setattr(account, "find_spec", lambda _: spec)
    monkeypatch.setattr(embedded, "programs", account.programs.__wrapped__)
    above.chmod(0o700)
    embedded_database_url(above / "home", "bizy")
    assert mode(above) == 0o700
    assert not (above / "home").exists()
    assert server_process(above / "home").cwd().startswith(f"{state}/")
    assert server_process(above / "home").exe().startswith(f"{state}/programs/")
    assert mode(embedded_cluster_folder(above / "home").parent) == 0o710


@AS_ROOT
def test_a_folder_that_the_server_cannot_enter_is_named(
    above: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    above.chmod(0o700)
    monkeypatch.setattr(account, "STATE_FOLDER", above / "state")
    with pytest.raises(TargetError, match=re.escape(f"cannot enter {above}, which holds its data")):
        embedded_database_url(above / "home", "bizy")
    assert not list(above.glob("**/PG_VERSION"))


@AS_ROOT
def test_a_cluster_of_another_account_from_an_earlier_release_keeps_it(above: Path) -> None:
    embedded_database_url(above / "home", "bizy")
    cluster = embedded_cluster_folder(above / "home")
    stop_embedded_server(cluster)
    (above / "home").chmod(0o755)
    Account(61_000, 61_001).own(cluster)
    embedded_database_url(above / "home", "bizy")
    assert server_process(above / "home").uids().real == 61_000
    assert mode(above / "home") == 0o755


def test_an_interrupted_creation_leaves_no_cluster_and_the_next_start_cleans_up(
    above: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = above / "home"

    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(embedded.files, "sync_folder", interrupted)
        patch.setattr(Path, "rename", interrupted)
        with pytest.raises(KeyboardInterrupt):
            embedded_database_url(home, "bizy")
    assert {path.name for path in home.iterdir()} == {".postgres.lock"}
    # What a process leaves that was killed at this point.
    (home / ".postgres.new-killed").mkdir()
    embedded_database_url(home, "bizy")
    assert {path.name for path in home.iterdir()} == {".postgres.lock", "postgres"}


def test_a_lock_that_another_process_holds_is_reported_and_waited_for_in_bounds(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "lock"
    path.touch(0o644)
    with path.open() as held:
        fcntl.flock(held, fcntl.LOCK_SH)
        holder = rf"process {os.getpid()} \(.+\)" if Path("/proc/locks").exists() else ""
        refused = f"because {holder}.* has locked .*/lock for 0.2 seconds; end that process"
        with pytest.raises(TargetError, match=refused), start_lock(path, 0.2):
            pass
    assert re.match(f"Waiting for {holder}.*, which has locked", caplog.messages[0])
    assert mode(path) == 0o600
    with start_lock(path, 0.2):
        pass


def test_a_lock_that_is_a_link_is_refused_and_not_followed(above: Path) -> None:
    (above / "home").mkdir(mode=0o755)
    (above / "home" / ".postgres.lock").symlink_to(above / "victim")
    with pytest.raises(TargetError, match=r"\.postgres\.lock cannot be used"):
        embedded_database_url(above / "home", "bizy")
    assert not (above / "victim").exists()


def test_a_home_that_others_can_change_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BIZY_HOME", str(tmp_path))
    tmp_path.chmod(0o777)
    with pytest.raises(ConfigurationError, match=rf"other accounts may write.*go-w {tmp_path}\)"):
        bizy_home()
    tmp_path.chmod(0o770)
    assert bizy_home() == tmp_path
    if os.geteuid() == 0:
        os.chown(tmp_path, -1, 61_000)
        with pytest.raises(ConfigurationError, match="other accounts may write"):
            bizy_home()
        os.chown(tmp_path, 61_000, 0)
        with pytest.raises(ConfigurationError, match=r"another account \(user id 61000\)"):
            bizy_home()


def test_links_that_lead_back_to_themselves_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    monkeypatch.setenv("BIZY_HOME", str(tmp_path / "a" / "home"))
    with pytest.raises(BizyError, match=r"whose symbolic links lead back to themselves"):
        bizy_home()
