"""Runs the making of items in a thread of its own, a few items ahead of their use.

Reading, converting, encoding and sending release Python's global lock for most of their time,
so that two of them at once use two processors.
"""

import queue
import threading
from collections.abc import Iterator
from typing import Generic, TypeVar

Item = TypeVar("Item")


class Prefetcher(Generic[Item]):
    """An iterator, to be used in ``with``, whose items are made by another thread.

    An exception of the making is raised where the item would have come.
    """

    def __init__(self, items: Iterator[Item], count: int) -> None:
        self._items = items
        self._queue: queue.Queue[_Produced[Item] | _Exhausted] = queue.Queue(count)
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._fill, name="bizy-reader", daemon=True)

    def __enter__(self) -> "Prefetcher[Item]":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        while self._thread.is_alive():
            # Room for the item that the thread may be waiting to hand over.
            while not self._queue.empty():
                self._queue.get_nowait()
            self._thread.join(0.01)

    def __iter__(self) -> Iterator[Item]:
        return self

    def __next__(self) -> Item:
        made = self._queue.get()
        if isinstance(made, _Produced):
            return made.item
        # What comes after the end is the end again.
        self._queue.put(made)
        raise StopIteration if made.error is None else made.error

    def _fill(self) -> None:
        error: BaseException | None = None
        try:
            for item in self._items:
                if self._stopped.is_set():
                    return
                self._queue.put(_Produced(item))
        except BaseException as raised:  # noqa: BLE001 - handed over to the using thread
            error = raised
        self._queue.put(_Exhausted(error))


class _Produced(Generic[Item]):
    def __init__(self, item: Item) -> None:
        self.item = item


class _Exhausted:
    def __init__(self, error: BaseException | None) -> None:
        self.error = error
