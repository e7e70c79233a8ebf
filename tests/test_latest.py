"""The mailbox between threads."""

from __future__ import annotations

import threading
import time

import pytest

from vtuber.latest import Closed, Latest


def test_newest_in_oldest_gone() -> None:
    box: Latest[int] = Latest()
    for i in range(5):
        box.put(i)
    assert box.get(0) == 4
    assert box.dropped == 4
    with pytest.raises(TimeoutError):
        box.get(0)


def test_closed_is_said_after_the_last_value_is_taken() -> None:
    box: Latest[str] = Latest()
    box.put("last")
    box.close()
    box.close()
    assert box.get() == "last"
    for _ in range(2):
        with pytest.raises(Closed):
            box.get()


def test_who_waits_is_woken_by_a_value_and_by_the_end() -> None:
    box: Latest[int] = Latest()
    got: list[int | str] = []

    def taker() -> None:
        try:
            while True:
                got.append(box.get(60.0))
        except Closed:
            got.append("closed")

    thread = threading.Thread(target=taker)
    thread.start()
    box.put(1)
    while not got:
        time.sleep(0.001)
    box.close()
    thread.join(60.0)
    assert got == [1, "closed"]


def test_values_come_in_order_and_the_last_one_always_comes() -> None:
    box: Latest[int] = Latest()
    got: list[int] = []

    def putter() -> None:
        for i in range(1, 20_001):
            box.put(i)
        box.close()

    thread = threading.Thread(target=putter)
    thread.start()
    while True:
        try:
            got.append(box.get(60.0))
        except Closed:
            break
    thread.join()
    assert got == sorted(set(got)) and got[-1] == 20_000
    assert len(got) + box.dropped == 20_000


def test_what_waits_may_be_merged_instead_of_replaced() -> None:
    box: Latest[dict[str, int]] = Latest(merge=lambda old, new: old | new)
    box.put({"a": 1, "b": 1})
    box.put({"b": 2})
    assert box.get() == {"a": 1, "b": 2} and box.dropped == 0
    box.put({"c": 3})
    assert box.get() == {"c": 3}
