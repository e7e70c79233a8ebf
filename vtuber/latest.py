"""The one-slot mailbox between threads: newest in, oldest gone."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Closed(Exception):
    """The mailbox was closed and is empty."""


class Latest(Generic[T]):
    """Holds at most one value. `put` never blocks; a value that was not taken in time is replaced and counted.

    merge: makes one value of the waiting one and the new one, in place of replacing.
    """

    def __init__(self, merge: Callable[[T, T], T] | None = None) -> None:
        self._merge = merge
        self._ready = threading.Condition()
        self._value: T | None = None
        self._closed = False
        self.dropped = 0

    def put(self, value: T) -> None:
        with self._ready:
            if self._value is not None:
                if self._merge:
                    value = self._merge(self._value, value)
                else:
                    self.dropped += 1
            self._value = value
            self._ready.notify()

    def get(self, timeout: float | None = None) -> T:
        """Wait for a value and take it.

        Raises:
            TimeoutError: nothing came within `timeout` seconds.
            Closed: the mailbox is closed and empty.
        """
        with self._ready:
            if not self._ready.wait_for(lambda: self._value is not None or self._closed, timeout):
                raise TimeoutError
            if self._value is None:
                raise Closed
            value, self._value = self._value, None
            return value

    def close(self) -> None:
        """No more values will come; what is there can still be taken."""
        with self._ready:
            self._closed = True
            self._ready.notify_all()
