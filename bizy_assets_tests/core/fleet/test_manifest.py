"""The manifest: what its entries mean, and every mistake in it by its line."""

import os
import re
import shutil
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bizy_assets.cli import SAMPLE
from bizy_assets.core.common import OnBadRow
from bizy_assets.core.errors import ConfigurationError
from bizy_assets.core.fleet import Manifest, read_entry, read_manifest
from bizy_assets_tests.support import bizy_files, neighbours
from bizy_assets_tests.support.environment import CHECKOUT

TOML = """\
timezone = "Europe/Berlin"
on_bad_row = "quarantine"

[[file]]
key = "a"
path = "a.db"
email = "a@example.org"
username = "a"

[[file]]
key = "b-2.x_y"
path = "more/b.db"
email = "b@example.org"
username = "b"
user_id = 17
timezone = "Asia/Tokyo"
tasks_local_since = 2025-11-01T00:00:00Z
on_bad_row = "fail"
skip_ids = { tasks = [1, 2], goals = [4] }
"""

CSV = """\
key,path,email,username,user_id,timezone,tasks_local_since,on_bad_row,skip_ids
a,a.db,a@example.org,a,,Europe/Berlin,,quarantine,

b-2.x_y,more/b.db,b@example.org,b,17,Asia/Tokyo,2025-11-01T00:00:00Z,fail,tasks:1 2;goals:4
"""

HEAD = 'timezone = "Europe/Berlin"\n'


@pytest.fixture
def files(folder: Path) -> Path:
    """A folder with two Bizy files, which another account may enter."""
    path = Path(tempfile.mkdtemp(dir=folder))
    path.chmod(0o755)
    (path / "more").mkdir()
    for name in ("a.db", "more/b.db"):
        shutil.copy(SAMPLE, path / name)
    return path


def write(files: Path, text: str | bytes, name: str = "fleet.toml") -> Path:
    path = files / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def read(files: Path, text: str | bytes, name: str = "fleet.toml") -> Manifest:
    return read_manifest(write(files, text, name))


def refused(files: Path, text: str | bytes, name: str = "fleet.toml") -> str:
    with pytest.raises(ConfigurationError) as caught:
        read(files, text, name)
    return str(caught.value)


def mistakes(files: Path, text: str | bytes, name: str = "fleet.toml") -> dict[int, str]:
    """Returns the mistakes of a manifest by line, at most one a line."""
    start, *rest = re.split(r" (?=Line \d+: )", refused(files, text, name))
    count = f"{len(rest)} mistake{'s' * (len(rest) > 1)}."
    assert start == f"{files / name} has {count}"
    found = [re.fullmatch(r"Line (\d+): (.*)", text) for text in rest]
    by_line = {int(match[1]): match[2] for match in found if match}
    assert len(by_line) == len(rest), rest
    return by_line


def table(number: int = 1, **changes: str | None) -> str:
    """Returns a file's table: a header, the four fields that every file needs, and others."""
    fields: dict[str, str | None] = {
        "key": f'"k{number}"',
        "path": '"a.db"' if number == 1 else '"more/b.db"',
        "email": f'"{number}@example.org"',
        "username": f'"u{number}"',
    }
    lines = [f"{name} = {value}" for name, value in (fields | changes).items() if value]
    return "\n".join(["[[file]]", *lines, ""])


@pytest.mark.parametrize(("text", "name"), [(TOML, "fleet.toml"), (CSV, "fleet.CSV")])
def test_both_formats_give_the_same_entries(files: Path, text: str, name: str) -> None:
    manifest = read(files, text, name)
    assert list(manifest.entries) == ["a", "b-2.x_y"]
    first, second = manifest.entries.values()
    assert first.path == files / "a.db"
    assert (first.email, first.username, first.user_id) == ("a@example.org", "a", None)
    assert (first.zone.key, first.on_bad_row) == ("Europe/Berlin", OnBadRow.QUARANTINE)
    assert first.tasks_local_since == datetime(2025, 10, 11, 16, 21, 51, tzinfo=UTC)
    assert second.path == files / "more" / "b.db"
    assert (second.user_id, second.zone.key) == (17, "Asia/Tokyo")
    assert second.tasks_local_since == datetime(2025, 11, 1, tzinfo=UTC)
    assert (second.on_bad_row, second.skip_ids) == (OnBadRow.FAIL, {"tasks": [1, 2], "goals": [4]})
    assert [first.line, second.line] == ([4, 10] if name == "fleet.toml" else [2, 4])
    assert manifest.digest == read(files, TOML).digest


def test_windows_marks_and_line_ends_are_accepted(files: Path) -> None:
    for text, name in ((TOML, "fleet.toml"), (CSV, "fleet.csv")):
        expected = read(files, text, name)
        raw = b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode()
        assert read(files, raw, name) == expected


def test_an_entry_gives_settings_that_do_not_depend_on_the_environment(
    files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SQLITE_DB_PATH", "/elsewhere/tasks.db")
    monkeypatch.setenv("BIZY_SOURCE_TIMEZONE", "America/Phoenix")
    monkeypatch.setenv("BIZY_TASKS_LOCAL_SINCE", "2020-01-01T00:00:00Z")
    monkeypatch.setenv("BIZY_ON_BAD_ROW", "quarantine")
    monkeypatch.setenv("DEFAULT_USER_EMAIL", "else@example.org")
    monkeypatch.setenv("DEFAULT_USER_ID", "99")
    monkeypatch.setenv("BIZY_FLEET", str(write(files, TOML)))
    entry = read_manifest().entries["b-2.x_y"]
    source = entry.source_settings(backup_dir=files / "snapshots", keep_backups=2)
    assert (source.path, source.zone) == (entry.path, entry.zone)
    assert source.zone_origin == "configured"
    assert (source.tasks_local_since, source.on_bad_row) == (
        entry.tasks_local_since,
        entry.on_bad_row,
    )
    assert (source.backup_dir, source.keep_backups) == (files / "snapshots", 2)
    owner = entry.owner_settings()
    assert (owner.email, owner.username, owner.user_id) == ("b@example.org", "b", 17)
    assert read_manifest().entries["a"].owner_settings().user_id is None


def test_paths_are_relative_to_the_folder_of_the_manifest_or_a_given_one(files: Path) -> None:
    (files / "lists").mkdir()
    path = write(files / "lists", HEAD + table(path='"../a.db"'))
    assert read_manifest(path).entries["k1"].path == files / "a.db"
    path = write(files / "lists", f'folder = ".."\n{HEAD}{table()}')
    assert read_manifest(path).entries["k1"].path == files / "a.db"


def test_the_digest_and_signatures_change_with_what_they_stand_for(files: Path) -> None:
    before = read(files, TOML)
    head, first, second = TOML.split("[[file]]\n")
    moved = read(files, f"# A comment.\n{head}[[file]]\n{second}\n[[file]]\n{first}")
    assert moved.digest == before.digest
    assert moved.entries["a"].signature() == before.entries["a"].signature()
    changed = read(files, TOML.replace('"Europe/Berlin"', '"Europe/Paris"'))
    assert changed.digest != before.digest
    assert changed.entries["a"].signature() != before.entries["a"].signature()
    assert changed.entries["b-2.x_y"].signature() == before.entries["b-2.x_y"].signature()
    written = before.entries["a"].signature()
    bizy_files.change(files / "a.db", "UPDATE goals SET title = 'New'")
    assert before.entries["a"].signature() != written
    assert read(files, TOML).digest == before.digest


def test_one_entry_is_read_without_any_file(files: Path) -> None:
    path = write(files, TOML)
    expected = read_manifest(path).entries["a"]
    (files / "a.db").unlink()
    (files / "more" / "b.db").write_bytes(b"")
    assert read_entry("a", path) == expected
    with pytest.raises(ConfigurationError, match="has no file with the key 'c'; add it again"):
        read_entry("c", path)


def test_a_mistake_anywhere_stops_every_entry_until_it_is_corrected(files: Path) -> None:
    path = write(files, TOML)
    read_entry("a", path)
    write(files, TOML.replace("Asia/Tokyo", "Asia/Nowhere").replace('"b"', '"a"'))
    for key in ("a", "none"):
        with pytest.raises(ConfigurationError, match=r"2 mistakes\. Line 14: user.* Line 16: t"):
            read_entry(key, path)
    write(files, TOML)
    assert read_entry("a", path).path == files / "a.db"
    # A newer collection, of which the manifest says nothing.
    (files / "a.db").rename(files / "new.db")
    (files / "a.db").symlink_to("new.db")
    assert read_entry("a", path).path == files / "new.db"
    path.unlink()
    with pytest.raises(ConfigurationError, match="There is no manifest"):
        read_entry("a", path)


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("timezone", '"Europe/Berlim"', "is 'Europe/Berlim', which is not an IANA time zone; did"),
        ("timezone", "1", "is 1; write it as text, in double quotes."),
        ("tasks_local_since", '"2025-10-11"', "set it to an instant with its offset, like 2025-1"),
        ("tasks_local_since", "2025-10-11", "write it as text"),
        ("on_bad_row", '"ignore"', "is 'ignore'; set it to fail or quarantine."),
        ("user_id", "0", "users.id holds 1 to 2147483647"),
        ("user_id", "true", "is True; write a number."),
        ("user_id", '"x"', "users.id holds 1 to 2147483647"),
        ("email", '"a.example.org"', "is 'a.example.org'; write an email address"),
        ("email", '"a@b\\u0000c"', "write an email address"),
        ("email", f'"{"e" * 250}@b.org"', "users.email holds at most 255 characters"),
        ("username", f'"{"u" * 101}"', "users.username holds at most 100 characters"),
        ("username", '"a\\nb"', "remove line breaks, invisible characters"),
        ("skip_ids", "[1]", "is [1]; write ids by table, like { tasks = [1, 2] }."),
        ("skip_ids", '{ tasks = ["one"] }', "is 'one'; write ids by table"),
        ("skip_ids", "{ users = [1] }", "names the table 'users', but the tables are goals, ta"),
        ("path", '"\\u0000"', "null"),
        ("path", '"~no-such-account/a.db"', "but there is no such home folder"),
        ("path", "7", "is 7; write it as text"),
        ("timezon", '"UTC"', "is not a field here; did you mean timezone?"),
        ("colour", '"red"', "is not a field here; the fields are key, path, email, username, user"),
        ("password", '"walrus"', "looks like a secret, which does not belong in a manifest; remov"),
        ("hashed_password", '"walrus"', "looks like a secret"),
    ],
)
def test_a_wrong_field_is_named_by_its_line(
    files: Path, field: str, value: str, sentence: str
) -> None:
    wrong = mistakes(files, HEAD + table(**{field: value}))
    assert list(wrong) == [{"path": 4, "email": 5, "username": 6}.get(field, 7)]
    [told] = wrong.values()
    assert told.startswith(field)
    assert sentence in told
    assert "walrus" not in told


@pytest.mark.parametrize(
    "key",
    ["A", "a b", "a,b", "a@example.org", "/home/a.db", "a/b", "-a", ".a", "..", "a..b", "a" * 64],
)
def test_a_key_is_short_and_stable(files: Path, key: str) -> None:
    [(line, told)] = mistakes(files, HEAD + table(key=f'"{key}"')).items()
    assert line == 3
    assert told.startswith(f"key is {key!r}; write 1 to 63 characters of a-z 0-9 _ - .")
    assert "cannot be an email address or a path, which may change" in told


@pytest.mark.parametrize("field", ["key", "path", "email", "username"])
def test_a_missing_field_is_named_by_its_table_and_an_empty_one_by_its_line(
    files: Path, field: str
) -> None:
    sentence = f"{field} is missing; every file needs one."
    assert mistakes(files, HEAD + table(**{field: None})) == {2: sentence}
    line = 3 + ["key", "path", "email", "username"].index(field)
    assert mistakes(files, HEAD + table(**{field: '""'})) == {line: sentence}


def test_without_a_time_zone_none_is_assumed(files: Path) -> None:
    assert mistakes(files, table()) == {
        1: "timezone is missing; every file needs one or a default at the head of the manifest."
    }


def test_a_wrong_default_is_one_mistake(files: Path) -> None:
    head = 'on_bad_row = "no"\ntimezone = "Nowhere"\n\nskip_ids = 1\n'
    assert list(mistakes(files, head + table() + table(2))) == [1, 2, 4]


@pytest.mark.parametrize(
    ("field", "one", "other", "remedy"),
    [
        ("key", '"k"', '"k"', "give each file a key of its own."),
        ("email", '"one@example.org"', '"One@Example.ORG"', "both files would have one owner, who"),
        ("username", '"one"', '"one"', "give each account a username of its own."),
        ("user_id", "5", "5", "give each account an id of its own."),
    ],
)
def test_what_two_files_share_is_named_by_both_lines(
    files: Path, field: str, one: str, other: str, remedy: str
) -> None:
    first = {"key": 3, "email": 5, "username": 6, "user_id": 7}[field]
    text = HEAD + table(1, **{field: one}) + table(2, **{field: other})
    [(line, told)] = mistakes(files, text).items()
    assert line == first + 5 + (field == "user_id")
    assert told.startswith(f"{field} is ")
    assert f"as in line {first}; {remedy}" in told


@pytest.mark.parametrize("make", ["path", "symlink", "hard link", "folder link"])
def test_a_file_is_listed_once_whatever_its_path(files: Path, make: str) -> None:
    match make:
        case "path":
            other = "more/../a.db"
        case "symlink":
            other = "link.db"
            (files / other).symlink_to("a.db")
        case "hard link":
            other = "link.db"
            (files / other).hardlink_to(files / "a.db")
        case _:
            other = "same/a.db"
            (files / "same").symlink_to(files)
    assert mistakes(files, HEAD + table() + table(2, path=f'"{other}"')) == {
        9: f"path is {other!r}, which is the file in line 4; list each file once."
    }


def test_files_that_are_no_bizy_files_are_named(files: Path) -> None:
    (files / "empty.db").touch()
    (files / "list.db").write_text("id,title\n1,Call\n")
    os.mkfifo(files / "pipe.db")
    paths = ("none.db", "empty.db", "list.db", "pipe.db", "more", "a.db/b.db")
    text = HEAD + "".join(table(n, path=f'"{path}"') for n, path in enumerate(paths))
    assert list(mistakes(files, text).items()) == [
        (4, f"path: There is no file {files}/none.db; set path to the Bizy database to migrate."),
        (
            9,
            f"path: {files}/empty.db is empty (0 bytes); set path to the file that Bizy writes, "
            "usually ~/.business-agent/tasks.db.",
        ),
        (
            14,
            f"path: {files}/list.db is not a SQLite file; set path to the file that Bizy writes, "
            "usually ~/.business-agent/tasks.db.",
        ),
        *(
            (
                line,
                f"path: {files}/{name} is a folder or a device, not a file; set path to the Bizy "
                "database in it, usually named tasks.db.",
            )
            for line, name in ((19, "pipe.db"), (24, "more"))
        ),
        (
            29,
            f"path: {files}/a.db/b.db cannot be read (Not a directory); give this account read "
            "permission, or set path to the Bizy database to migrate.",
        ),
    ]


def test_an_unreadable_file_or_manifest_is_named(files: Path) -> None:
    path = write(files, HEAD + table())
    (files / "a.db").chmod(0)
    with neighbours.without_privileges(), pytest.raises(ConfigurationError) as caught:
        read_manifest(path)
    assert f"Line 4: path: {files}/a.db cannot be read (Permission denied); give" in str(
        caught.value
    )
    path.chmod(0)
    with neighbours.without_privileges(), pytest.raises(ConfigurationError) as caught:
        read_manifest(path)
    assert str(caught.value).startswith(f"The manifest {path} cannot be read (Permission denied)")


@pytest.mark.parametrize("name", ["none.toml", "more", "pipe.toml"])
def test_a_manifest_that_is_no_file_is_named(files: Path, name: str) -> None:
    os.mkfifo(files / "pipe.toml")
    with pytest.raises(ConfigurationError, match="set BIZY_FLEET to the file that lists the Bizy"):
        read_manifest(files / name)


def test_all_mistakes_are_in_one_error_in_order_and_twenty_are_shown(files: Path) -> None:
    tables = [table(n, path='"none.db"', email='"no"', color="1") for n in range(20)]
    wrong = refused(files, HEAD + "".join(tables))
    # Of each file its path, its email and the unknown field, and of nineteen the repeated email.
    assert wrong.startswith(f"{files}/fleet.toml has 79 mistakes. Line 4: path: There is no file")
    lines = [int(line) for line in re.findall(r"Line (\d+): ", wrong)]
    assert len(lines) == 20
    assert lines == sorted(lines)
    assert wrong.endswith(" And 59 more.")


def test_of_a_long_value_only_the_start_is_shown(files: Path) -> None:
    [told] = mistakes(files, HEAD + table(key=f'"{"k" * 10_000}"')).values()
    assert len(told) == 501


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("[[file]]\nkey = 'a'\nkey = 'b'\n", 3),
        ("[[file]]\nkey = a\n", 2),
        ("[[file]]\n\nkey = '\n'\n", 3),
        ("[[file]]\nkey = [1,\n2\n", 3),
        ("[[file]\n", 1),
        (b"timezone = 'UTC'\n\n# gr\xf6\xdfer\n", 3),
        ("timezone = 'UTC'\n[file]\nkey = 'a'\n", 2),
        ("file = [1]\n", 1),
        ("x = " + "[" * 5000, 1),
        ("x = 1" + "0" * 5000, 1),
        ("", 1),
        ("timezone = 'UTC'\n", 1),
    ],
)
def test_a_manifest_that_is_no_valid_toml_is_refused_at_its_line(
    files: Path, text: str | bytes, line: int
) -> None:
    assert list(mistakes(files, text)) == [line]


def test_lines_are_found_around_values_that_look_like_fields(files: Path) -> None:
    text = '''# [[file]]
timezone = """
[[file]]
key = "x" \\""" \\
"""
"file" = [ { key = "a", path = "a.db" }, # path = 1
  { key = "b" } ]
'''
    wrong = refused(files, text)
    assert "Line 2: timezone is" in wrong
    assert "Line 6: email is missing" in wrong
    text = '''timezone = "UTC" # "
[[ file ]] # [[file]]
  "key" = "a"
  email = \'\'\'
[[file]]
username = 1\'\'\'\'
  username = ["""
[[file]]"""  , # ]
  ]
[file.skip_ids]
tasks = [ [ 1
] ]
[[file]]
skip_ids.tasks = [
  "x" ]
path = 'none.db'
'''
    lines = {line: told.split()[0] for line, told in _pairs(refused(files, text))}
    assert lines == {2: "path", 4: "email", 7: "username", 10: "skip_ids", 13: "username"} | {
        14: "skip_ids",
        16: "path:",
    }


def _pairs(sentence: str) -> list[tuple[int, str]]:
    return [(int(n), told) for n, told in re.findall(r"Line (\d+): (\S+ \S+)", sentence)]


def test_mistakes_of_csv_are_named_by_line(files: Path) -> None:
    text = """\
key,path,email,username,timezone,skip_ids,
a,a.db,a@example.org,a,Nowhere,tasks:1;tasks:2

"b
c",none.db,b@example.org,b,UTC,1
b,more/b.db,A@example.org,b,UTC,,surplus
c,more/b.db,A@example.org,c
"""
    found = _pairs(refused(files, text, "fleet.csv"))
    assert [(line, told.split()[0]) for line, told in found] == [
        (2, "skip_ids"), (2, "timezone"), (4, "key"), (4, "path:"), (4, "skip_ids"), (6, "has"),
        (7, "email"), (7, "timezone"),
    ]  # fmt: skip


def test_what_csv_lacks_is_named_by_its_column(files: Path) -> None:
    sentence = "timezone is missing; every row needs one, in the column timezone."
    row = "a,a.db,a@example.org,a"
    without = f"key,path,email,username\n{row}\n"
    assert mistakes(files, without, "fleet.csv") == {1: sentence}
    empty = f"key,path,email,username,timezone\n{row},\n"
    assert mistakes(files, empty, "fleet.csv") == {2: sentence}


def test_a_wrong_header_of_csv_is_one_mistake(files: Path) -> None:
    rows = "".join(f"{n},a{n}@example.org,x\n" for n in range(30))
    found = _pairs(refused(files, f"\nkey,email,password\n{rows}", "fleet.csv"))
    assert found == [
        (2, "password looks"), (2, "path is"), (2, "timezone is"), (2, "username is"),
    ]  # fmt: skip
    assert "separate values by commas" in refused(files, f"key;email\n{rows}", "fleet.csv")
    assert "key is in the header twice" in refused(files, "key,key\n", "fleet.csv")


@pytest.mark.parametrize("text", ['key,path\n"a,b\n', 'key,path\n"a"b,c\n', 'key\n\0\n"x"y'])
def test_a_manifest_that_is_no_valid_csv_is_refused_at_its_line(files: Path, text: str) -> None:
    assert "is not valid CSV" in refused(files, text, "fleet.csv")


def test_the_documents_describe_every_field_and_their_examples_are_valid(files: Path) -> None:
    page = (CHECKOUT / "docs" / "FLEET.md").read_text()
    told = re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE)
    unknown = mistakes(files, HEAD + table(colour="1"))[7]
    assert f"the fields are {', '.join(told)}." in unknown
    (files / "collected").mkdir()
    for name in ("u001", "u002"):
        shutil.copy(SAMPLE, files / "collected" / f"{name}.db")
    [toml] = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    [csv] = re.findall(r"```\n(key,.*?)```", page, re.DOTALL)
    for text, name in ((toml, "fleet.toml"), (csv, "fleet.csv")):
        assert list(read(files, text, name).entries) == ["u001", "u002"]
