"""Snapshots: backups of the source at one point in time, from which all later steps read.

A snapshot is complete or does not exist. It is written under a hidden name, verified, and only
then renamed, never replacing another file. Its journal mode is DELETE, so that one file holds
all of its content. Its SHA-256 identifies it from then on.
"""

import functools
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
from typing import TypeVar

from bizy_assets.core.common import Progress, files, log_elapsed
from bizy_assets.core.errors import SnapshotError
from bizy_assets.core.source import sqlite
from bizy_assets.core.source.integrity import INTEGRITY_OK, find_damage

_PAGES = 8192
"""Number of pages to copy in one step."""

_CACHED = 16
"""Number of results to cache for files that were hashed or checked."""

_Key = TypeVar("_Key")
_FileState = tuple[Path, int, int, int, int]


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """A verified backup of the source, made at a time in UTC.

    Both paths are absolute; ``sha256`` is the digest of the backup's file, in hexadecimal.
    """

    path: Path
    source: Path
    sha256: str
    taken_at: datetime


@dataclass(frozen=True, kw_only=True)
class SnapshotResult:
    """A new snapshot, its size in bytes, and the duration of the backup.

    ``rows`` are the numbers of rows of Bizy's tables. Unknown tables are not Bizy's, unknown
    columns (``table.column``) are in no contract; neither are migrated.
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
    verified: Collection[str] = (),
) -> SnapshotResult:
    """Back the source up as ``<stem>_backup_<YYYYMMDD_HHMMSS>.db`` (UTC) and verify the copy.

    Content and modification time of the source do not change; the folder is created if missing.
    The source may have the unknown columns to ignore, as ``table.column``. Files whose SHA-256 is
    ``verified`` have passed the integrity check before.

    Raises:
        SourceError: The source cannot be read, is not a Bizy file, or has other unknown columns.
        SnapshotError: The snapshot cannot be written, is damaged, or differs from the source.
    """
    started = time.monotonic()
    taken_at = datetime.now(UTC)
    with sqlite.open_source(source_path) as connection:
        tables = sqlite.bizy_columns(connection)
        sqlite.require_readable(connection)
        unknown_columns = sqlite.find_unknown_columns(connection, ignore_columns)
        unknown_tables = sqlite.find_unknown_tables(connection)
        status = source_path.stat()
        with files.partial_file(source_path, folder) as partial:
            rows = sqlite.count_rows(connection, tables)
            _copy(connection, partial)
            digest = _verified_digest(partial, source_path, verified)
            _require_rows(partial, rows, source_path)
            # A group other than the source's gets no access.
            same_group = partial.stat().st_gid == status.st_gid
            partial.chmod(status.st_mode & (0o777 if same_group else 0o707))
            path = files.publish_file(partial, folder, source_path.stem, taken_at)
    _cache(_digests, _file_state(path), digest)
    return SnapshotResult(
        snapshot=Snapshot(path=path, source=source_path, sha256=digest, taken_at=taken_at),
        size=path.stat().st_size,
        rows=rows,
        unknown_tables=unknown_tables,
        unknown_columns=unknown_columns,
        seconds=time.monotonic() - started,
    )


def _verified_digest(partial: Path, source_path: Path, verified: Collection[str]) -> str:
    """Return the SHA-256 of a copy, once its integrity is certain."""
    with log_elapsed("integrity of the snapshot checked"), ThreadPoolExecutor(1) as pool:
        # Both read the whole file and release Python's global lock meanwhile.
        hashing = pool.submit(sha256, partial)
        if not verified or hashing.result() not in verified:
            result = find_damage(partial)
            if result != INTEGRITY_OK:
                raise SnapshotError(
                    f"{source_path} is damaged (PRAGMA integrity_check reports: {result}); repair "
                    "it with 'sqlite3 FILE .recover' or use an earlier backup of it."
                )
        _cache(_integrities, hashing.result(), INTEGRITY_OK)
        return hashing.result()


def verify_snapshot(snapshot: Snapshot) -> None:
    """Raise unless a snapshot's file still has the content that was backed up.

    Raises:
        SnapshotError: The file is missing, unreadable, or was altered.
    """
    try:
        state = _file_state(snapshot.path)
        digest = _digests.get(state) or _cache(_digests, state, sha256(snapshot.path))
    except OSError as error:
        raise SnapshotError(
            f"The snapshot {snapshot.path} of {snapshot.source} cannot be read "
            f"({os.strerror(error.errno or 0)}); put it back, or materialize sqlite_backup and "
            "the tables again."
        ) from None
    if digest != snapshot.sha256:
        raise SnapshotError(
            f"The snapshot {snapshot.path} was altered since it was made (expected SHA-256 "
            f"{snapshot.sha256}, found {digest}); materialize sqlite_backup and the tables again."
        )


@contextmanager
def open_snapshot(snapshot: Snapshot) -> Iterator[sqlite3.Connection]:
    """Open a snapshot after verifying it.

    Raises:
        SnapshotError: The snapshot is missing or was altered.
    """
    verify_snapshot(snapshot)
    with closing(sqlite.connect(snapshot.path, immutable=True)) as connection:
        yield connection


def require_known_columns(snapshot: Snapshot, ignore_columns: Collection[str]) -> None:
    """Raise if a snapshot has unknown columns other than those to ignore.

    Raises:
        SourceError: The snapshot has such columns.
        SnapshotError: The snapshot is missing or was altered.
    """
    verify_snapshot(snapshot)
    _require_known_columns(snapshot, frozenset(ignore_columns))


@functools.lru_cache(maxsize=1)
def _require_known_columns(snapshot: Snapshot, ignore_columns: frozenset[str]) -> None:
    """Look for unknown columns once for a snapshot, whose bytes stay the same."""
    with open_snapshot(snapshot) as connection:
        sqlite.find_unknown_columns(connection, ignore_columns)


def prune_snapshots(made: Iterable[Snapshot], *, keep: int, loaded: Collection[Path]) -> list[Path]:
    """Delete the oldest snapshots of a source and return the paths of the deleted ones.

    The snapshots come newest first. Snapshots from which tables were last loaded are kept in any
    case. A file that cannot be deleted, or that was altered, is left in place.
    """
    # A path may have been used again after its file was deleted; it then belongs to the newer one.
    by_path: dict[Path, Snapshot] = {}
    for snapshot in made:
        by_path.setdefault(snapshot.path, snapshot)
    existing = [snapshot for path, snapshot in by_path.items() if os.path.lexists(path)]
    deleted = []
    for old in existing[keep:]:
        if old.path not in loaded:
            with suppress(OSError, SnapshotError):
                verify_snapshot(old)
                old.path.unlink()
                deleted.append(old.path)
    return deleted


def check_integrity(path: Path, digest: str) -> str:
    """Return the result of ``PRAGMA integrity_check``, ``INTEGRITY_OK`` for an undamaged file.

    The digest is the file's SHA-256; a result for the same content is reused.
    """
    if digest not in _integrities:
        with log_elapsed("integrity of the snapshot checked"):
            _cache(_integrities, digest, find_damage(path))
    return _integrities[digest]


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file, log_elapsed("file hashed"):
        return hashlib.file_digest(file, "sha256").hexdigest()


_digests: dict[_FileState, str] = {}
_integrities: dict[str, str] = {}


def _cache(cache: dict[_Key, str], key: _Key, value: str) -> str:
    """Cache and return a value that any process can compute again; keep the newest ones only."""
    cache[key] = value
    while len(cache) > _CACHED:
        del cache[next(iter(cache))]
    return value


def _file_state(path: Path) -> _FileState:
    """Return the metadata of a file that changes with every write."""
    status = path.stat()
    return path, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns


def _copy(connection: sqlite3.Connection, partial: Path) -> None:
    """Copy every page in the connection's read transaction, so from one point in time."""
    with closing(sqlite3.connect(partial, isolation_level=None)) as target:
        # The file is synced to disk before it gets its name.
        target.execute("PRAGMA synchronous = OFF")
        try:
            _copy_pages(connection, target)
            # The header of a source in WAL mode is copied too.
            target.execute("PRAGMA journal_mode = DELETE")
        except sqlite3.Error as error:
            if error.sqlite_errorname not in {"SQLITE_FULL", "SQLITE_IOERR_WRITE"}:
                raise
            raise SnapshotError(
                f"The backup folder {partial.parent} has no room for the snapshot ({error}); "
                "free some space or set BIZY_BACKUP_DIR to another folder."
            ) from None


def _copy_pages(connection: sqlite3.Connection, target: sqlite3.Connection) -> None:
    """Copy in steps to log progress."""
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    progress = Progress("pages copied", pages, "pages")
    copied = 0

    def log_progress(_: int, remaining: int, total: int) -> None:
        nonlocal copied
        progress.add(total - remaining - copied)
        copied = total - remaining

    connection.backup(target, pages=_PAGES, progress=log_progress)


def _require_rows(partial: Path, rows: Mapping[str, int], source_path: Path) -> None:
    with closing(sqlite.connect(partial, immutable=True)) as copy:
        copied = sqlite.count_rows(copy, rows)
    if copied != rows:
        raise SnapshotError(
            f"The copy of {source_path} has different row counts (expected {rows}, found "
            f"{copied}); check the disk, then run again."
        )
