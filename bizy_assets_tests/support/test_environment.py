"""The guard that finds what tests leave in the checkout."""

from pathlib import Path

from bizy_assets_tests.support.environment import written_files


def test_files_and_folders_are_found_at_every_depth_and_when_they_change(tmp_path: Path) -> None:
    for folder in (
        "storage",
        "bizy_assets/__pycache__",
        ".venv",
        ".bizy/postgres",
        ".bizy/reports",
    ):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "file").write_text("before")
    before = written_files(tmp_path)
    unseen = ("bizy_assets/__pycache__/a.pyc", ".venv/ready", ".bizy/postgres/log")
    for name in (*unseen, "storage/left", ".bizy/reports/left"):
        (tmp_path / name).touch()
    (tmp_path / "bizy_assets" / "empty").mkdir()
    (tmp_path / "file").write_text("after")
    changed = {path for path, _ in before.items() ^ written_files(tmp_path).items()}
    assert {str(path.relative_to(tmp_path)) for path in changed} == {
        "storage/left", ".bizy/reports/left", "bizy_assets/empty", "file",
    }  # fmt: skip
