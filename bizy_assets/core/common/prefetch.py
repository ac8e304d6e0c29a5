"""An iterator that produces its items in another thread, a few items in advance.

Reading, conversion, encoding and sending release Python's global lock most of the time, so two
of them at once use two processors.
"""

import queue
import threading
from collections.abc import Iterator
from typing import Generic, TypeVar

Item = TypeVar("Item")


class Prefetcher(Generic[Item]):
    """Iterator and context manager whose items another thread produces, up to ``count`` in advance.

    An exception of that thread is raised in place of the next item.
    """

    def __init__(self, items: Iterator[Item], count: int) -> None:
        self._items = items
        self._queue: queue.Queue[tuple[Item] | BaseException] = queue.Queue(count)
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._fill, name="bizy-reader", daemon=True)

    def __enter__(self) -> "Prefetcher[Item]":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        while self._thread.is_alive():
            # The thread may be waiting for room in the queue.
            while not self._queue.empty():
                self._queue.get_nowait()
            self._thread.join(0.01)

    def __iter__(self) -> Iterator[Item]:
        return self

    def __next__(self) -> Item:
        entry = self._queue.get()
        if isinstance(entry, tuple):
            return entry[0]
        # Every later call ends the same way.
        self._queue.put(entry)
        raise entry

    def _fill(self) -> None:
        end: BaseException = StopIteration()
        try:
            for item in self._items:
                if self._stopped.is_set():
                    return
                self._queue.put((item,))
        except BaseException as raised:  # noqa: BLE001 - raised in the consuming thread
            end = raised
        self._queue.put(end)
