"""Owns the one door between trio, in which our actors live, and the asyncio libraries (grpc, asyncpg, redis).

Every crossing costs about 40 us, so an adapter crosses once per operation: write its whole body as an asyncio
coroutine and mark it with `asyncio_side`. Cancelling the trio side cancels the asyncio task.
Cancelling who waits for a thread (`asyncio.to_thread`, a plain function as a node of LangGraph, the look-up of a
host) ends the waiting, as it does in asyncio; the thread goes on to its end unheard.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any, ParamSpec, TypeVar, cast

import trio
import trio_asyncio

P = ParamSpec("P")
T = TypeVar("T")


@asynccontextmanager
async def open_loop() -> AsyncIterator[None]:
    """One asyncio loop inside the running trio loop. Opened once, by `runtime.process` (and by tests)."""
    async with trio_asyncio.open_loop() as opened:
        opened.set_default_executor(_Threads())
        yield


class _Threads(trio_asyncio.TrioExecutor):  # type: ignore[misc]  # the library has no types
    """The threads of the asyncio side. The stock executor swallows a cancel that comes while its thread works: the
    coroutine goes on, and who cancelled it waits for it, for ever if it waits for ever."""

    async def submit(self, fn: Callable[..., T], *args: Any) -> T:
        try:
            return await trio.to_thread.run_sync(fn, *args, abandon_on_cancel=True)
        finally:
            await trio.lowlevel.checkpoint_if_cancelled()  # a cancel as the thread ended, too


def asyncio_side(fn: Callable[P, Awaitable[T]]) -> Callable[P, Coroutine[Any, Any, T]]:
    """Makes an asyncio coroutine function callable from trio. Arguments and result pass unchanged."""
    return cast(Callable[P, Coroutine[Any, Any, T]], trio_asyncio.aio_as_trio(fn))


def trio_side(fn: Callable[P, Awaitable[T]]) -> Callable[P, Coroutine[Any, Any, T]]:
    """Makes a trio coroutine function callable from asyncio: a gRPC handler whose body runs in trio."""
    return cast(Callable[P, Coroutine[Any, Any, T]], trio_asyncio.trio_as_aio(fn))


async def call(fn: Callable[P, Awaitable[T]], *args: P.args, **kwargs: P.kwargs) -> T:
    """Awaits `fn(*args)` of an asyncio library from trio."""
    return await asyncio_side(fn)(*args, **kwargs)
