"""What crowds did to others: joins and leaves told to everybody, slow readers killed, visitors who leave half-way."""

import pytest
import trio
from trio.testing import wait_all_tasks_blocked

from edge import stream
from tests.incidents.asking import get, whole_log
from tests.integration.platform_cases import ROOM, Platform
from tests.viewer import PATIENCE_S, Viewer, frame_of, open_socket, open_viewer, read_frames

CHANNEL = f"room:{ROOM}"
ENTER = f'{{"id":1,"connect":{{}}}}\n{{"id":2,"subscribe":{{"channel":"{CHANNEL}"}}}}'.encode()
CROWD = 300


async def until_count(viewer: Viewer, connections: int) -> None:
    """Until the room has told that so many are there."""
    await viewer.until(
        lambda: [c["data"]["connections"] for c in viewer.publications("count")][-1:] == [connections]
    )


async def test_centrifuge_dart_89_a_crowd_that_joins_and_leaves_is_a_few_counts_and_no_storm(
    platform: Platform,
) -> None:
    """2,000 joiners killed that client by 2,000 joins sent to each of 2,000. Here nobody is told who came."""
    async with open_viewer(platform.edge.port) as watcher:
        await watcher.enter(ROOM)
        for _ in range(2):
            async with trio.open_nursery() as crowd:
                there = trio.Event()

                async def visit(there: trio.Event = there) -> None:
                    async with open_socket(platform.edge.port) as visitor:
                        await visitor.send_all(frame_of(ENTER))
                        await there.wait()

                for _ in range(CROWD):
                    crowd.start_soon(visit)
                await until_count(watcher, CROWD + 1)
                there.set()
            await until_count(watcher, 1)
        await watcher.say(ROOM, "다들 가셨나요", "m1")
        await watcher.until_said("다들 가셨나요")

        kinds = {pub["data"]["t"] for pub in watcher.publications()}
        assert kinds <= {"count", "chat", "asked"}
        # At most one a second, and one at either end of each wave.
        assert 4 <= len(watcher.publications("count")) <= CROWD / 5
        assert watcher.closed is None


async def test_centrifugo_255_806_who_reads_slowly_is_served_late_and_not_killed(platform: Platform) -> None:
    """A backlog that fits is kept and delivered in order; nobody is cut off for a pause."""
    async with open_viewer(platform.edge.port) as speaker, open_socket(platform.edge.port) as slow:
        await slow.send_all(frame_of(ENTER))
        await speaker.enter(ROOM)
        await until_count(speaker, 2)
        for number in range(100):
            await speaker.say(ROOM, f"말 {number}", str(number))  # nobody reads at the other end
        received = b""
        with trio.fail_after(PATIENCE_S):
            while "말 99".encode() not in received:
                received += await slow.receive_some()
        texts, codes = read_frames(received)

    assert codes == []
    said = [line for text in texts for line in text.split("\n") if '"t":"chat"' in line]
    assert [f'"말 {number}"' in line for number, line in enumerate(said)] == [True] * 100


async def test_a_reader_who_is_too_slow_for_too_long_is_freed_and_comes_back_whole(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What waits is bounded; then the connection ends with a code that means: come back with your position."""
    monkeypatch.setattr(stream, "OUTBOX_BYTES", 16_384)
    async with open_viewer(platform.edge.port) as speaker:
        epoch = (await speaker.enter(ROOM))["epoch"]
        async with open_socket(platform.edge.port) as deaf:
            await deaf.send_all(frame_of(ENTER))
            await until_count(speaker, 2)
            pages = "\n".join(
                f'{{"id":{n},"history":{{"channel":"{CHANNEL}","limit":-1}}}}' for n in range(3, 19)
            )
            number = 0
            while speaker.publications("count")[-1]["data"]["connections"] == 2:
                await deaf.send_all(frame_of(pages.encode()))
                for _ in range(10):
                    number += 1
                    await speaker.say(ROOM, f"말 {number} " + "길게 " * 90, str(number))
        async with open_viewer(platform.edge.port) as returned:
            back = await returned.enter(ROOM, recover=True, epoch=epoch, offset=0)
        log = await whole_log(speaker, ROOM)

        assert back["recovered"] is True
        assert [pub["offset"] for pub in back["publications"]] == [pub["offset"] for pub in log]
        assert speaker.closed is None


@pytest.mark.parametrize("sent", [1, 20, 60, len(ENTER), len(ENTER) + 6])
async def test_who_leaves_in_the_middle_of_subscribing_leaves_nothing_behind(
    platform: Platform, sent: int
) -> None:
    """Cut off after so many bytes of the frame that enters, many times over: no task, no count, no connection stays."""
    async with open_viewer(platform.edge.port) as watcher:
        await watcher.enter(ROOM)
        await wait_all_tasks_blocked(0.05)
        tasks = trio.lowlevel.current_statistics().tasks_living
        for _ in range(20):
            async with open_socket(platform.edge.port) as visitor:
                await visitor.send_all(frame_of(ENTER)[:sent])
        stats = await watcher.ask("presence_stats", channel=CHANNEL)
        with trio.fail_after(PATIENCE_S):
            while stats["num_clients"] > 1 or trio.lowlevel.current_statistics().tasks_living > tasks:
                await wait_all_tasks_blocked(0.01)
                stats = await watcher.ask("presence_stats", channel=CHANNEL)
        await watcher.say(ROOM, "아직 여기 있어요", "m1")

        assert stats == {"num_clients": 1, "num_users": 1}
        assert (await get(platform.edge.port, "/readyz"))[0] == 200
