"""What every output that keeps a connection shares: one loop on one thread for all of them, the newest state, trying
again."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from abc import abstractmethod
from collections.abc import Coroutine
from typing import Any

from vtuber import stages
from vtuber.wire import AvatarState

log = logging.getLogger(__name__)

PAUSES_S = (1.0, 2.0, 5.0, 10.0, 30.0)
"""Before a lost connection is tried again."""
STEADY_S = 10.0
"""A connection that lasted so long is tried again without much ado."""
FAREWELL_S = 2.0
"""How long close() waits for the connection to end in good order."""


class GivenUp(Exception):
    """Trying again would not help. The text says what the user can do."""


class Connected(stages.Output):
    """An output with a connection to an app. A part says in `talk` how it is made and what is said on it.

    send() leaves the newest state of the first performer and returns at once; an app that is absent costs one line in
    the log, and is tried again until it is there.

    Args:
        other: whom it talks to, for people.
    """

    def __init__(self, other: str) -> None:
        self.other = other
        self._lock = threading.Lock()
        self._state: AvatarState | None = None
        self._waking = self._closed = False
        self._fresh = asyncio.Event()
        self._alarm: asyncio.TimerHandle | None = None
        self._due = 0.0
        self._told = False
        self.traffic: stages.Traffic = stages.Traffic(reach="nobody")
        self._loop = background.join()
        self._task: asyncio.Task[None] | None = None
        self._ended = threading.Event()
        self._loop.call_soon_threadsafe(self._start)

    @abstractmethod
    async def talk(self) -> None:
        """Connect, call `stands`, and say every `newest` state until the other side goes.

        Raises:
            OSError: out of reach, or the connection broke. The text is shown to the user.
            TimeoutError: no answer.
            ValueError: the other side, or a state, is not what it should be.
            GivenUp: it is no use to try again.
        """

    def stands(self) -> None:
        """Called by `talk` when the app has taken us in."""
        self.traffic.reach, self.traffic.error = "open", ""
        if self._told:
            log.warning("%s: connected", self.other)
        self._told = False

    async def newest(self, timeout: float | None = None) -> AvatarState | None:
        """The newest state that was not taken yet, waited for; None when none came in time (seconds)."""
        if timeout is not None:
            self._due = self._loop.time() + timeout
            if self._alarm is None:
                self._alarm = self._loop.call_at(self._due, self._nothing_new)
        await self._fresh.wait()
        with self._lock:
            self._fresh.clear()
            self._waking = False
            state, self._state = self._state, None
            self.traffic.sent += state is not None
            return state

    def _nothing_new(self) -> None:
        # One alarm that sees that it is too early costs less than one for each state, which asyncio.wait_for would set.
        self._alarm = None
        if self._loop.time() < self._due:
            self._alarm = self._loop.call_at(self._due, self._nothing_new)
        else:
            self._fresh.set()

    def tell(self, reason: str) -> None:
        """Say once why there is no connection."""
        self.traffic.error = reason
        if not self._told:
            log.warning("%s: %s", self.other, reason)
            self._told = True

    def send(self, state: AvatarState) -> None:
        if state.person:
            return
        with self._lock:
            self._state = state
            if self._waking or self._closed:
                return
            self._waking = True
            background.ring(self._fresh)

    def close(self) -> None:
        with self._lock:
            if self._closed:
                return
            self._closed = True
        self._loop.call_soon_threadsafe(self._stop)
        self._ended.wait(FAREWELL_S)
        background.leave()

    def _start(self) -> None:
        self._task = self._loop.create_task(self._keep())
        self._task.add_done_callback(lambda _: self._ended.set())

    def _stop(self) -> None:
        if self._task is not None:
            self._task.cancel()

    async def _keep(self) -> None:
        tries = 0
        while True:
            start = time.perf_counter()
            try:
                await self.talk()
                reason = "it ended the connection"
            except GivenUp as e:
                self.traffic.reach, self.traffic.error = "refused", str(e)
                log.warning("%s: %s", self.other, e)
                return
            except (OSError, asyncio.TimeoutError, ValueError) as e:
                reason = str(e) or "no answer"
            except Exception:
                log.exception("%s: given up", self.other)
                return
            # One that takes us in and throws us out at once is not to be asked every second.
            self.traffic.reach = "nobody"
            tries = 0 if time.perf_counter() - start > STEADY_S else tries
            self.tell(f"{reason}; going on, and trying again")
            await asyncio.sleep(PAUSES_S[min(tries, len(PAUSES_S) - 1)])
            tries += 1


async def side_by_side(*coroutines: Coroutine[Any, Any, None]) -> None:
    """Run them until the first one ends, and end the others. Raises what that one raised."""
    tasks = [asyncio.ensure_future(c) for c in coroutines]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


class _Background:
    """The loop and its thread: there while somebody uses them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._users = 0
        self._ringing: list[asyncio.Event] = []
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None

    def join(self) -> asyncio.AbstractEventLoop:
        with self._lock:
            self._users += 1
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                self._thread = threading.Thread(target=_run, args=(self._loop,), name="vtuber-connections", daemon=True)
                self._thread.start()
            return self._loop

    def leave(self) -> None:
        with self._lock:
            self._users -= 1
            if self._users or self._loop is None or self._thread is None:
                return
            loop, thread = self._loop, self._thread
            self._loop, self._thread, self._ringing = None, None, []
        # Without the lock, which whatever still rings there waits for.
        loop.call_soon_threadsafe(loop.stop)
        thread.join(FAREWELL_S)

    def ring(self, event: asyncio.Event) -> None:
        """Set it on the loop, from any thread: those of one moment together, for waking the loop is what costs."""
        with self._lock:
            self._ringing.append(event)
            if len(self._ringing) == 1 and self._loop is not None:
                self._loop.call_soon_threadsafe(self._rung, self._ringing)

    def _rung(self, ringing: list[asyncio.Event]) -> None:
        with self._lock:
            if ringing is self._ringing:  # else that of an earlier loop
                self._ringing = []
        for event in ringing:
            event.set()


def _run(loop: asyncio.AbstractEventLoop) -> None:
    asyncio.set_event_loop(loop)
    try:
        loop.run_forever()
        left = asyncio.all_tasks(loop)
        for task in left:
            task.cancel()
        loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
        loop.run_until_complete(loop.shutdown_asyncgens())
    finally:
        loop.close()


background = _Background()
