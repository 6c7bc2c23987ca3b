"""Incidents of other systems that a room must not repeat, on a clock that jumps."""

import pytest
import trio
from host_cases import HERE, THERE, attach, cluster
from room_cases import AWAY, JUN, ROOM, MemoryLog, serve
from trio.testing import MockClock

from room_actor.errors import OwnedElsewhere
from room_actor.host import IDLE_S


async def test_livekit_3317_a_live_room_is_never_pruned_nor_doubled(autojump_clock: MockClock) -> None:
    """livekit #3317: a silent but live room was pruned, and its next visitor opened a second one of that name."""
    async with cluster() as all_:
        one, two = await all_.host("one", HERE), await all_.host("two", THERE)
        edge = attach(await one.actor_for(ROOM))
        for _ in range(20):
            await trio.sleep(10 * IDLE_S)
            with pytest.raises(OwnedElsewhere):
                await two.actor_for(ROOM)
        edge.say("아직 있어요", request=1)
        await edge.settle()
        assert edge.verdicts == {1: 1}
        assert all_.rooms.rows[ROOM].fence == 1
        assert two.actors == []


async def test_centrifugo_484_order_and_persistence_hold_while_the_store_is_slow(
    autojump_clock: MockClock,
) -> None:
    """Centrifugo #484: with a slow back end messages went out before they were kept, and in another order."""
    log = MemoryLog()
    async with serve(log) as room:
        first, second = room.edge("edge-1"), room.edge("edge-2")
        log.hold()
        for n in range(50):
            first.say(f"가{n}", f"a{n}", request=n)
            second.say(f"나{n}", f"b{n}", viewer=JUN, request=n)
            await first.settle()
        await trio.sleep(30)
        await second.settle()
        assert first.publications == second.publications == []
        assert first.verdicts == second.verdicts == {}, "nobody was told what is not kept"
        log.failures = [AWAY] * 3
        log.let_go()
        await trio.sleep(30)
        for edge in (first, second):
            await edge.settle()
            assert edge.offsets == list(range(1, 101))
            assert len(edge.verdicts) == 50
        said = [body["text"] for body in log.bodies()]
        assert (
            [body["text"] for body in first.of("chat")]
            == [body["text"] for body in second.of("chat")]
            == said
        )
        assert [text for text in said if text[0] == "가"] == [f"가{n}" for n in range(50)]


async def test_pre_emption_lock_a_reply_that_is_on_holds_nobody_up(autojump_clock: MockClock) -> None:
    """The first system generated inside a lock: while a persona spoke, nothing else could happen in the room."""
    async with serve(None, ["그랬", 170.0, "군요."]) as room:
        edge = room.edge(viewers=1)
        edge.say("헤어졌어요", "c0")
        await edge.until("delta")
        began_s = trio.current_time()
        for n in range(1, 101):
            edge.say(f"힘내요 {n}", f"c{n}", request=n)
        await edge.until("chat", 101)
        assert trio.current_time() - began_s < 1, "mocked seconds: the reply takes 170 of them"
        assert len(edge.verdicts) == 101
        assert room.actor.is_speaking
        later = room.edge("edge-2")
        await later.settle()
        assert later.snapshot["reply"]["text"] == "그랬"
        await room.actor.close_show()
        await edge.settle()
        assert edge.of("show"), "not even the end of the show waits"
