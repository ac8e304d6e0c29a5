"""How a process is prepared."""

import gc
from collections.abc import Iterator

import pytest

from bizy_assets.core.process import uncollected_imports


@pytest.fixture(autouse=True)
def _thawed() -> Iterator[None]:
    yield
    gc.unfreeze()


def test_garbage_is_collected_after_imports_but_not_during_them() -> None:
    with uncollected_imports():
        assert not gc.isenabled()
        made: list[object] = []
        made.append(made)
    assert gc.isenabled()
    assert gc.get_freeze_count()
    assert not any(each is made for each in gc.get_objects())


def test_garbage_is_collected_after_an_import_that_fails() -> None:
    with pytest.raises(ImportError), uncollected_imports():
        raise ImportError
    assert gc.isenabled()
