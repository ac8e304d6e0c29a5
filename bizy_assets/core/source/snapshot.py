"""Snapshots: backups of the source at one point in time, which everything downstream reads.

A snapshot is complete or does not exist: it is written under a hidden name, proved, and only
then gets its own name, which never replaces another file. Its journal mode is DELETE, so that
the one file is all of it, and its SHA-256 identifies it from then on.
"""

import hashlib
import os
import sqlite3
import time
from collections.abc import Collection, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bizy_assets.core.common import Progress, partial_file, publish_file
from bizy_assets.core.errors import SnapshotError
from bizy_assets.core.source.sqlite import (
    bizy_columns,
    count_rows,
    find_unknown_columns,
    find_unknown_tables,
    open_source,
    sqlite_uri,
)

_PAGES = 8192
"""How many pages are copied in one step."""

INTEGRITY_OK = "ok"
"""What ``PRAGMA integrity_check`` says of a sound file."""


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """A backup that was made and proved.

    Attributes:
        path: The file, absolute.
        source: The Bizy file that it is a backup of, absolute.
        sha256: Digest of the file, in hexadecimal.
        taken_at: When it was made, in UTC.
    """

    path: Path
    source: Path
    sha256: str
    taken_at: datetime


@dataclass(frozen=True, kw_only=True)
class SnapshotResult:
    """What making a snapshot found out.

    Attributes:
        snapshot: The file.
        size: Its size in bytes.
        rows: How many rows each of Bizy's tables has.
        unknown_tables: Tables that are none of Bizy's, which are not migrated.
        unknown_columns: Columns that no contract knows (``table.column``), which are not either.
        seconds: How long it took.
    """

    snapshot: Snapshot
    size: int
    rows: Mapping[str, int]
    unknown_tables: tuple[str, ...]
    unknown_columns: tuple[str, ...]
    seconds: float


def take_snapshot(
    source_path: Path,
    folder: Path,
    ignore_columns: Collection[str] = (),
    sound: Collection[str] = (),
) -> SnapshotResult:
    """Backs the source up into ``<stem>_backup_<YYYYMMDD_HHMMSS>.db`` (UTC), and proves it.

    Args:
        source_path: The Bizy file. Its bytes and its modification time stay as they are.
        folder: Where the snapshot goes, made if missing.
        ignore_columns: Unknown columns that the source may have, as ``table.column``.
        sound: Digests of files that were found sound before.

    Raises:
        SourceError: The source cannot be read, is no Bizy file, or has other unknown columns.
        SnapshotError: The snapshot cannot be written, or is not what the source is.
    """
    started = time.monotonic()
    taken_at = datetime.now(UTC)
    with open_source(source_path) as connection:
        tables = bizy_columns(connection)
        unknown_columns = find_unknown_columns(connection, ignore_columns)
        unknown_tables = find_unknown_tables(connection)
        status = source_path.stat()
        with partial_file(source_path, folder) as partial:
            rows = count_rows(connection, tables)
            _copy(connection, partial)
            with ThreadPoolExecutor(1) as pool:
                # Both read all of the file, and neither holds Python's global lock meanwhile.
                hashing = pool.submit(sha256, partial)
                if not sound or hashing.result() not in sound:
                    _require_sound(partial, source_path)
                digest = hashing.result()
            _integrities[digest] = INTEGRITY_OK
            _require_rows(partial, rows, source_path)
            # Another group than the source's gets nothing.
            same_group = partial.stat().st_gid == status.st_gid
            partial.chmod(status.st_mode & (0o777 if same_group else 0o707))
            path = publish_file(partial, folder, source_path.stem, taken_at)
    _digests[_state(path)] = digest
    return SnapshotResult(
        snapshot=Snapshot(path=path, source=source_path, sha256=digest, taken_at=taken_at),
        size=path.stat().st_size,
        rows=rows,
        unknown_tables=unknown_tables,
        unknown_columns=unknown_columns,
        seconds=time.monotonic() - started,
    )


def verify_snapshot(snapshot: Snapshot) -> None:
    """Makes sure that a snapshot is still the one that was made.

    Raises:
        SnapshotError: It is gone, unreadable, or altered.
    """
    try:
        state = _state(snapshot.path)
        found = _digests[state] = _digests.get(state) or sha256(snapshot.path)
    except OSError as error:
        raise SnapshotError(
            f"The snapshot {snapshot.path} of {snapshot.source} cannot be read "
            f"({os.strerror(error.errno or 0)}); put it back, or materialize sqlite_backup and "
            "the tables again."
        ) from None
    if found != snapshot.sha256:
        raise SnapshotError(
            f"The snapshot {snapshot.path} was altered since it was made (SHA-256 is {found}, "
            f"was {snapshot.sha256}); materialize sqlite_backup and the tables again."
        )


@contextmanager
def open_snapshot(snapshot: Snapshot) -> Iterator[sqlite3.Connection]:
    """Opens a verified snapshot.

    Raises:
        SnapshotError: It is gone or altered.
    """
    verify_snapshot(snapshot)
    address = sqlite_uri(snapshot.path, immutable=True)
    with closing(sqlite3.connect(address, uri=True, isolation_level=None)) as connection:
        yield connection


def require_known_columns(snapshot: Snapshot, ignore_columns: Collection[str]) -> None:
    """Makes sure that a snapshot has no unknown columns but those that may be ignored.

    Raises:
        SourceError: It has others.
        SnapshotError: It is gone or altered.
    """
    with open_snapshot(snapshot) as connection:
        find_unknown_columns(connection, ignore_columns)


def prune_snapshots(made: Iterable[Snapshot], *, keep: int, loaded: Collection[Path]) -> list[Path]:
    """Deletes the oldest of the snapshots that were made of one source, and names them.

    One that cannot be deleted, or no longer has the content that was made, is left alone.

    Args:
        made: The snapshots, newest first.
        keep: How many to keep.
        loaded: Snapshots that tables were loaded from last, which stay in any case.
    """
    # A name that was freed may have been given again: then it is the newer one's.
    by_path: dict[Path, Snapshot] = {}
    for each in made:
        by_path.setdefault(each.path, each)
    existing = [each for path, each in by_path.items() if os.path.lexists(path)]
    removed = []
    for old in existing[keep:]:
        if old.path not in loaded:
            with suppress(OSError, SnapshotError):
                verify_snapshot(old)
                old.path.unlink()
                removed.append(old.path)
    return removed


def check_integrity(path: Path, digest: str) -> str:
    """Returns what ``PRAGMA integrity_check`` says, ``SOUND`` where all is well.

    Args:
        path: The file.
        digest: Its SHA-256, which makes asking twice for the same bytes needless.
    """
    if digest not in _integrities:
        _integrities[digest] = _run_integrity_check(path)
    return _integrities[digest]


def _run_integrity_check(path: Path) -> str:
    address = sqlite_uri(path, immutable=True)
    with closing(sqlite3.connect(address, uri=True)) as connection:
        said = connection.execute("PRAGMA integrity_check(3)").fetchall()
    return "; ".join(" ".join(row[0].split()) for row in said)


_integrities: dict[str, str] = {}
"""What this process found, by digest."""


def sha256(path: Path) -> str:
    """Returns the SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


_digests: dict[tuple[Path, int, int, int, int], str] = {}
"""What this process found, by path and state."""


def _state(path: Path) -> tuple[Path, int, int, int, int]:
    """Returns what is another for a file that somebody has written to."""
    status = path.stat()
    return path, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns


def _copy(connection: sqlite3.Connection, partial: Path) -> None:
    """Copies every page; the open read transaction keeps it to one point in time."""
    with closing(sqlite3.connect(partial, isolation_level=None)) as target:
        # Durability comes from the fsync before the file gets its name.
        target.execute("PRAGMA synchronous = OFF")
        try:
            _copy_pages(connection, target)
            # A source in WAL mode hands that on in its header; this takes it out.
            target.execute("PRAGMA journal_mode = DELETE")
        except sqlite3.Error as error:
            if error.sqlite_errorname not in {"SQLITE_FULL", "SQLITE_IOERR_WRITE"}:
                raise
            raise SnapshotError(
                f"The backup folder {partial.parent} has no room for the snapshot ({error}); "
                "free some space or set BIZY_BACKUP_DIR to another folder."
            ) from None


def _copy_pages(connection: sqlite3.Connection, target: sqlite3.Connection) -> None:
    """Copies in steps, which tell how far it is; the transaction makes them one."""
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    progress = Progress("pages copied", pages, "pages")
    told = 0

    def tell(_: int, remaining: int, total: int) -> None:
        nonlocal told
        progress.add(total - remaining - told)
        told = total - remaining

    connection.backup(target, pages=_PAGES, progress=tell)


def _require_sound(partial: Path, source_path: Path) -> None:
    """Lets SQLite check the structure of the copy."""
    verdict = _run_integrity_check(partial)
    if verdict != INTEGRITY_OK:
        raise SnapshotError(
            f"{source_path} is damaged (PRAGMA integrity_check says: {verdict}); repair it with "
            "'sqlite3 FILE .recover' or use an earlier backup of it."
        )


def _require_rows(partial: Path, rows: Mapping[str, int], source_path: Path) -> None:
    """Compares the copy with its source."""
    address = sqlite_uri(partial, immutable=True)
    with closing(sqlite3.connect(address, uri=True)) as copy:
        copied = count_rows(copy, rows)
    if copied != rows:
        raise SnapshotError(
            f"The copy of {source_path} has other row counts ({copied}) than the file ({rows}); "
            "check the disk, then run again."
        )
