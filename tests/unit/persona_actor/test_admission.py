import asyncio

import pytest

from persona_actor.admission import Admission
from persona_actor.errors import TooBusy
from runtime import aio


async def test_a_place_is_given_back_and_taken_again(loop: None) -> None:
    async def twice() -> int:
        admission = Admission(places=1, waiting=0, queue_s=5)
        count = 0
        for _ in range(2):
            async with admission.place():
                count += 1
        return count

    assert await aio.call(twice) == 2


async def test_no_place_within_the_time_is_too_busy(loop: None) -> None:
    async def second() -> None:
        admission = Admission(places=1, waiting=1, queue_s=0)
        async with admission.place():
            with pytest.raises(TooBusy, match="no place within"):
                async with admission.place():
                    raise AssertionError("there was one place")
        async with admission.place():
            pass  # the one that gave up took nothing with it

    await aio.call(second)


async def test_more_than_may_wait_are_refused_at_once(loop: None) -> None:
    async def third() -> None:
        admission = Admission(places=1, waiting=1, queue_s=60)
        async with admission.place():
            waiting = asyncio.create_task(_pass_through(admission))
            await asyncio.sleep(0)
            with pytest.raises(TooBusy, match="wait already"):
                async with admission.place():
                    raise AssertionError("there was one place")
        await waiting

    await aio.call(third)


async def _pass_through(admission: Admission) -> None:
    async with admission.place():
        pass
