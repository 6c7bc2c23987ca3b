"""The one door between trio and asyncio: values, errors and cancellation go through it unchanged."""

import asyncio
import threading

import pytest
import trio
from trio.testing import wait_all_tasks_blocked

from runtime import aio


class Broken(Exception):
    """Raised on one side, caught on the other."""


@aio.asyncio_side
async def add_on_asyncio(a: int, *, b: int) -> int:
    await asyncio.sleep(0)
    return a + b


@aio.asyncio_side
async def break_on_asyncio() -> None:
    await asyncio.sleep(0)
    raise Broken("over there")


async def test_arguments_and_results_pass(loop: None) -> None:
    assert await add_on_asyncio(1, b=2) == 3


async def test_an_error_comes_out_as_it_was_raised(loop: None) -> None:
    with pytest.raises(Broken, match="over there"):
        await break_on_asyncio()


async def test_cancelling_the_trio_side_ends_the_asyncio_task(loop: None) -> None:
    ended: list[str] = []

    @aio.asyncio_side
    async def wait_for_ever() -> None:
        try:
            await asyncio.get_running_loop().create_future()
        except asyncio.CancelledError:
            ended.append("cancelled")
            raise

    async with trio.open_nursery() as nursery:
        nursery.start_soon(wait_for_ever)
        await wait_all_tasks_blocked()
        nursery.cancel_scope.cancel()
    assert ended == ["cancelled"]


class Waiter:
    """A coroutine that waits for a thread, and then goes on."""

    def __init__(self) -> None:
        self.thread_may_end = threading.Event()
        self.went_on = False

    @aio.asyncio_side
    async def wait(self) -> None:
        await asyncio.to_thread(self.thread_may_end.wait)
        self.went_on = True


async def test_cancelling_ends_the_waiting_for_a_thread_that_works_on(loop: None) -> None:
    waiter = Waiter()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(waiter.wait)
        await wait_all_tasks_blocked()
        nursery.cancel_scope.cancel()
        waiter.thread_may_end.set()
    assert not waiter.went_on


async def test_cancelling_is_not_lost_on_a_thread_that_has_just_ended(loop: None) -> None:
    waiter = Waiter()

    class Cancel(trio.abc.Instrument):
        """When the thread's end was told, before anyone was able to take notice."""

        def task_scheduled(self, task: trio.lowlevel.Task) -> None:
            if task.name.endswith(".submit"):
                nursery.cancel_scope.cancel()

    async with trio.open_nursery() as nursery:
        nursery.start_soon(waiter.wait)
        await wait_all_tasks_blocked()
        trio.lowlevel.add_instrument(cancel := Cancel())
        waiter.thread_may_end.set()
    trio.lowlevel.remove_instrument(cancel)
    assert nursery.cancel_scope.cancelled_caught
    assert not waiter.went_on


async def test_cancelling_the_asyncio_side_cancels_the_trio_body(loop: None) -> None:
    happened: list[str] = []
    began = asyncio.Event()

    @aio.trio_side
    async def trio_body() -> None:
        began.set()
        try:
            await trio.sleep_forever()
        except trio.Cancelled:
            happened.append("cancelled")
            raise

    async def ask_and_cancel() -> bool:
        task = asyncio.ensure_future(trio_body())
        await began.wait()
        task.cancel()
        await asyncio.wait([task])
        return task.cancelled()

    assert await aio.call(ask_and_cancel)
    assert happened == ["cancelled"]


async def test_a_trio_body_called_from_asyncio_may_cross_again(loop: None) -> None:
    @aio.trio_side
    async def trio_body(a: int) -> int:
        await trio.lowlevel.checkpoint()
        return await add_on_asyncio(a, b=10)

    assert await aio.call(trio_body, 5) == 15
