"""Messages on the terminal and in the log: each is recognisable as ours or as another's."""

import logging
import re
import sys
import unicodedata

import pytest

from bizy_assets.core.common import AuditError, CheckResult
from bizy_assets.core.errors import BizyError, printable
from bizy_assets.runtime.console_logger import ConsoleHandler
from bizy_assets_tests.support.environment import CHECKOUT

INVISIBLE = {"Cc", "Cf", "Cs", "Zl", "Zp"}
"""Unicode's categories of control, format, surrogate and separator characters."""


def test_no_invisible_character_is_printable() -> None:
    for character in map(chr, range(sys.maxunicode + 1)):
        if unicodedata.category(character) in INVISIBLE:
            assert printable(character).isascii()
            assert printable(character).isprintable()


def test_a_text_that_is_printable_stays() -> None:
    text = "Büro 東京 👍 a\\nb '\"`|<b>"
    assert printable(text) == text
    assert printable(printable("a\nb")) == "a\\nb"


def test_errors_and_check_results_are_one_line() -> None:
    assert str(BizyError("a\nb\x1b")) == "a\\nb\\x1b"
    assert str(AuditError("a\nb", [])) == "a\\nb"
    assert CheckResult(check="c", summary="", errors=["a\nb", "c"]).text == "a\\nb c"


def test_only_the_first_line_of_a_message_looks_like_one(
    capsys: pytest.CaptureFixture[str],
) -> None:
    text = "RuntimeError: failed\n12:00:00 pg_tasks  ok\r\x1b[2J\n\u202eend\n"
    record = {"msg": text, "levelno": logging.INFO, "dagster_meta": {"step_key": "pg_tasks"}}
    ConsoleHandler().emit(logging.makeLogRecord(record))
    lines = capsys.readouterr().err.splitlines()
    assert [re.sub(r"^\d\d:\d\d:\d\d pg_tasks +", "", line[:27]) + line[27:] for line in lines] == [
        "RuntimeError: failed",
        "  12:00:00 pg_tasks  ok\\r\\x1b[2J",
        "  \\u202eend",
    ]


def test_steps_log_in_one_place() -> None:
    using = [
        path.name
        for path in (CHECKOUT / "bizy_assets").rglob("*.py")
        if re.search(r"\bcontext\.log\b", path.read_text())
    ]
    assert using == ["messages.py"]
