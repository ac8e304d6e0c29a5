"""The manifest: which Bizy files a fleet has, who owns each, and how each is read.

A manifest means the same on every machine: the settings in it do not depend on the environment.
A mistake anywhere in it stops the runs of all files. A run looks at its own file only, so that a
bad file fails alone.
"""

import functools
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from bizy_assets.core.common import IdPolicy, OnBadRow
from bizy_assets.core.errors import ConfigurationError, SourceError
from bizy_assets.core.fleet.fields import FieldReader
from bizy_assets.core.fleet.rows import Mistakes, Row, read_rows
from bizy_assets.core.fleet.settings import FleetSettings, FleetSourceSettings
from bizy_assets.core.settings import OwnerSettings
from bizy_assets.core.source import file_signature, read_header


@dataclass(frozen=True)
class ManifestEntry:
    """A Bizy file of the fleet, its owner, and how it is read."""

    key: str
    path: Path
    email: str
    username: str
    user_id: int | None
    zone: ZoneInfo
    tasks_local_since: datetime
    on_bad_row: OnBadRow
    skip_ids: Mapping[str, list[int]]
    line: int

    def source_settings(self, **others: object) -> FleetSourceSettings:
        """Return how the file is read.

        Args:
            others: Settings that are not in a manifest, such as ``backup_dir``; those not given
                come from the environment.

        Raises:
            ConfigurationError: One of them is invalid.
        """
        return FleetSourceSettings.read(
            {
                **others,
                "name": self.key,
                "path": self.path,
                "timezone": self.zone.key,
                "tasks_local_since": self.tasks_local_since.isoformat(),
                "on_bad_row": self.on_bad_row,
                # Files use the same ids.
                "id_policy": IdPolicy.MOVE,
            }
        )

    def owner_settings(self) -> OwnerSettings:
        """Return the account that will own the rows; it does not depend on the environment."""
        return OwnerSettings(email=self.email, username=self.username, user_id=self.user_id)

    @cached_property
    def settings_digest(self) -> str:
        """Digest of everything that the manifest says about the file."""
        values = [
            self.key, str(self.path), self.email, self.username, self.user_id, self.zone.key,
            self.tasks_local_since.isoformat(), self.on_bad_row,
            sorted((table, sorted(ids)) for table, ids in self.skip_ids.items()),
        ]  # fmt: skip
        return hashlib.sha256(json.dumps(values).encode()).hexdigest()

    def signature(self) -> str:
        """Return a text that changes with the entry and with every write to its file.

        Raises:
            SourceError: The file does not exist or cannot be accessed.
        """
        return f"{self.settings_digest} {file_signature(self.path)}"


@dataclass(frozen=True)
class Manifest:
    """The files of a fleet by key, in the order of the manifest."""

    path: Path
    entries: Mapping[str, ManifestEntry]

    @cached_property
    def digest(self) -> str:
        """Digest of all entries, whatever their order and layout; files' contents do not count."""
        digests = sorted(entry.settings_digest for entry in self.entries.values())
        return hashlib.sha256("".join(digests).encode()).hexdigest()


def read_manifest(path: Path | None = None, *, require_files: bool = True) -> Manifest:
    """Read a whole manifest, and check it and the files that it names.

    ``read_entry`` reads one entry without looking at files.

    Args:
        path: The manifest; if None, that of the environment.
        require_files: Whether to look at the files; a missing one is a mistake then.

    Raises:
        ConfigurationError: It cannot be read, or has mistakes, which are all named by line.
    """
    mistakes = Mistakes(path or FleetSettings.read().manifest)
    head, rows = read_rows(mistakes)
    if not rows:
        mistakes.add(1, "names no Bizy file; add one with its key, path, email and username.")
    reader = FieldReader(head, mistakes)
    paths = [reader.path(row) for row in rows]
    if require_files:
        _require_files(rows, paths, mistakes)
    entries = _entries(reader, rows, paths, mistakes)
    return Manifest(mistakes.path, {entry.key: entry for entry in entries})


def read_entry(key: str, path: Path | None = None) -> ManifestEntry:
    """Read the entry of one file, which need not exist any more, and check the whole manifest.

    Raises:
        ConfigurationError: The manifest cannot be read, or has no such entry, or it has mistakes.
    """
    mistakes = Mistakes(path or FleetSettings.read().manifest)
    head, rows = _checked_rows(mistakes.path, _version(mistakes.path))
    if (row := rows.get(key)) is None:
        raise ConfigurationError(
            f"{mistakes.path} has no file with the key {key!r}; add it again, or choose another."
        )
    reader = FieldReader(head, mistakes)
    [entry] = _entries(reader, [row], [reader.path(row)], mistakes)
    return entry


def _version(path: Path) -> object:
    """Return what changes with every write to a manifest; never the same if it has no status."""
    try:
        status = path.stat()
    except OSError:
        return object()
    return status.st_ino, status.st_size, status.st_mtime_ns


# Ten thousand rows take a second, and a worker needs them for each run.
@functools.lru_cache(maxsize=1)
def _checked_rows(
    path: Path,
    version: object,  # noqa: ARG001 - another version is read again
) -> tuple[Row, Mapping[str, Row]]:
    """Return the head of a manifest and its rows by key; raises ConfigurationError for mistakes.

    Paths are resolved later, because links may change while the manifest does not.
    """
    mistakes = Mistakes(path)
    head, rows = read_rows(mistakes)
    _checked_values(FieldReader(head, mistakes), rows, mistakes)
    return head, {row.values["key"]: row for row in rows}


def _entries(
    reader: FieldReader, rows: Sequence[Row], paths: Sequence[Path | None], mistakes: Mistakes
) -> list[ManifestEntry]:
    """Return the entries of rows; raises ConfigurationError if there are any mistakes."""
    values = _checked_values(reader, rows, mistakes)
    return [
        ManifestEntry(**{**fields, "path": path}, line=row.line)
        for row, path, fields in zip(rows, paths, values, strict=True)
    ]


def _checked_values(
    reader: FieldReader, rows: Sequence[Row], mistakes: Mistakes
) -> list[Mapping[str, Any]]:
    """Return the values of rows without paths; raises ConfigurationError for any mistakes."""
    values = [reader.values(row) for row in rows]
    _forbid_repetitions(rows, mistakes)
    mistakes.raise_any()
    return [fields for fields in values if fields]


_REMEDIES = {
    "key": "give each file a key of its own.",
    "email": "both files would have one owner, who can have only one daily log for a day, so a day "
    "that was logged in both would fail; give this file another account, or merge the files in "
    "Bizy first.",
    "username": "give each account a username of its own.",
    "user_id": "give each account an id of its own.",
}
"""Fields whose values differ between files, and what to do if they do not."""


def _forbid_repetitions(rows: Sequence[Row], mistakes: Mistakes) -> None:
    """Record each value that an earlier row has too; emails are compared without case."""
    for name, remedy in _REMEDIES.items():
        lines: dict[str, int] = {}
        for row in rows:
            value, line = row.values.get(name, ""), row.line_of(name)
            text = str(value).casefold() if name == "email" else str(value)
            if text and text in lines:
                mistakes.add(line, f"{name} is {value!r}, as in line {lines[text]}; {remedy}")
            lines.setdefault(text, line)


def _require_files(rows: Sequence[Row], paths: Sequence[Path | None], mistakes: Mistakes) -> None:
    """Record each file that is not a SQLite file, or that an earlier row names too."""
    lines: dict[object, int] = {}
    for row, path in zip(rows, paths, strict=True):
        if path is None:
            continue
        line = row.line_of("path")
        try:
            read_header(path, "path")
            status = path.stat()
        except (SourceError, OSError) as error:
            mistakes.add(line, f"path: {error}")
            continue
        # A hard link, or another mount of a folder, gives a file another path.
        inode = (status.st_dev, status.st_ino)
        if known := lines.get(path) or lines.get(inode):
            mistakes.add(
                line,
                f"path is {row.values['path']!r}, which is the file in line {known}; list each "
                "file once.",
            )
        lines[path] = lines[inode] = known or line
