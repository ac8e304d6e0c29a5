"""Screens of a terminal are kept as text and as a picture, if wanted."""

from pathlib import Path

import pytest

from bizy_assets_tests.support.screens import keep_screen

OUTPUT = "\x1b[32m✓\x1b[0m " + "done " * 20 + "\r\nnext\r\n"


def test_a_screen_is_text_of_its_width_and_a_picture_with_colours(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("TEST_SCREENSHOTS", str(tmp_path / "screens"))
    keep_screen("demo", OUTPUT)
    text, picture = (tmp_path / "screens" / f"demo.{kind}" for kind in ("txt", "svg"))
    assert text.read_text().splitlines() == [
        "✓ " + "done " * 15 + "don",
        "e " + "done " * 3 + "done",
        "next",
    ]
    assert picture.read_text().startswith("<svg")
    assert "fill: #98a84b" in picture.read_text()


def test_nothing_is_kept_if_no_folder_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("TEST_SCREENSHOTS", raising=False)
    monkeypatch.chdir(tmp_path)
    keep_screen("demo", OUTPUT)
    assert not list(tmp_path.iterdir())
