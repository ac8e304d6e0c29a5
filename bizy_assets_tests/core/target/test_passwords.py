"""Names of password files."""

import os
from pathlib import Path

from sqlalchemy import make_url

from bizy_assets.core.target import passwords

URL = make_url("postgresql://bizy@localhost/bizy")


def test_the_longest_emails_have_files_of_their_own(tmp_path: Path) -> None:
    start = "a" * 243
    files = {passwords.password_file(tmp_path, URL, f"{start}{end}@bizy.local") for end in "xy"}
    assert len(files) == 2
    for file in files:
        pending = passwords.pending_file(file)
        pending.parent.mkdir(exist_ok=True)
        pending.touch()
        assert len(os.fsencode(pending.name)) <= 255
