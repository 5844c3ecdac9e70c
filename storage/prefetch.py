"""Work ahead of a reader, on threads: results in order, with a bound on what waits for it."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

THREADS = 8
"""Requests at the same time: a small object takes tens of milliseconds, whatever its size."""

MOST_BYTES = 64 * 2**20
"""Bytes that may wait for the reader; a single item may have more."""


def prefetch(
    read: Callable[[Item], Result], items: Iterable[Item], size: Callable[[Item], int]
) -> Iterator[tuple[Item, Result]]:
    """Each item with what `read` makes of it, in order.

    Args:
        read: may raise, which ends the iteration when its turn comes.
        items: what to read.
        size: bytes that the result of an item will take.
    """
    waiting: deque[tuple[Item, Future[Result]]] = deque()
    held = 0
    with ThreadPoolExecutor(THREADS) as pool:
        try:
            for item in items:
                while waiting and (held + size(item) > MOST_BYTES or len(waiting) >= 2 * THREADS):
                    first, future = waiting.popleft()
                    yield first, future.result()
                    held -= size(first)
                waiting.append((item, pool.submit(read, item)))
                held += size(item)
            while waiting:
                first, future = waiting.popleft()
                yield first, future.result()
        finally:
            pool.shutdown(cancel_futures=True)
