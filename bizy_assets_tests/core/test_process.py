"""How a process is prepared."""

import gc
import subprocess
import sys
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


FREE_EVERY_OTHER_BUFFER = """
from bizy_assets.core.process import prepare_process

def resident():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))

prepare_process()
# The C library's default would now be to give no smaller buffer pages of its own.
bytearray(4_000_000)
buffers = [bytearray(b"x") * 2_000_000 for _ in range(50)]
before = resident()
del buffers[::2]
print((before - resident()) // 1000)
"""


def test_freed_buffers_return_to_the_system() -> None:
    command = [sys.executable, "-c", FREE_EVERY_OTHER_BUFFER]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert int(done.stdout) >= 45
