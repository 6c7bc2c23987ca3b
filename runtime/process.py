"""Owns the start and the end of a process: one trio loop, one asyncio loop, signals.

SIGTERM or SIGINT asks the process to drain; a second one, or the deadline, stops it. Knows nothing of what runs.
"""

import gc
import os
import resource
import signal
from collections.abc import Awaitable, Callable
from typing import NoReturn, TypeVar

import structlog
import trio

from runtime import aio

log = structlog.get_logger()

Main = Callable[["Stop"], Awaitable[None]]
T = TypeVar("T")


class Stop:
    """The wish that the process end. `requested` is set by the first signal."""

    def __init__(self) -> None:
        self.requested = trio.Event()

    def request(self) -> None:
        """Asks for an orderly end. Asking again changes nothing."""
        self.requested.set()


def run(main: Main, *, drain_deadline_s: float) -> None:
    """Runs `main(stop)` to its end. `main` returns by itself once `stop.requested` is set and it has drained;
    `drain_deadline_s` after that it is cancelled. What `main` raises comes out as it is, not in a group of one."""
    # gRPC must not install its fork handlers: no process of ours forks after import.
    os.environ.setdefault("GRPC_ENABLE_FORK_SUPPORT", "0")
    allow_many_sockets()
    # What was imported lives as long as the process: looking at it again and again would cost pauses of 100 ms.
    gc.collect()
    gc.freeze()
    try:
        trio.run(_run, main, drain_deadline_s)
    except ExceptionGroup as group:
        _raise_alone(group)


def allow_many_sockets() -> None:
    """Raises the limit of open files of this process and its children to what the machine allows: a viewer is one."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def run_once(work: Callable[[], Awaitable[T]]) -> T:
    """Does one piece of work inside both loops, for commands that end by themselves. What it raises comes out as it is,
    not in a group of one."""

    async def inside_loop() -> T:
        async with aio.open_loop():
            return await work()

    try:
        return trio.run(inside_loop)
    except ExceptionGroup as group:
        _raise_alone(group)


def _raise_alone(group: Exception) -> NoReturn:
    alone = group
    while isinstance(alone, ExceptionGroup) and len(alone.exceptions) == 1:
        alone = alone.exceptions[0]
    raise alone from alone.__cause__


async def _run(main: Main, drain_deadline_s: float) -> None:
    stop = Stop()
    # The nursery inside the receiver: whoever waits for signals ends before they are given back.
    with trio.open_signal_receiver(signal.SIGTERM, signal.SIGINT) as signals:
        async with aio.open_loop(), trio.open_nursery() as nursery:

            async def watch_signals() -> None:
                async for signum in signals:
                    if stop.requested.is_set():
                        log.warning("process_stops_now", signal=signal.Signals(signum).name)
                        nursery.cancel_scope.cancel()
                        return
                    log.info("process_drains", signal=signal.Signals(signum).name)
                    stop.request()

            async def watch_deadline() -> None:
                await stop.requested.wait()
                await trio.sleep(drain_deadline_s)
                log.warning("drain_deadline_passed", deadline_s=drain_deadline_s)
                nursery.cancel_scope.cancel()

            nursery.start_soon(watch_signals)
            nursery.start_soon(watch_deadline)
            await main(stop)
            nursery.cancel_scope.cancel()
