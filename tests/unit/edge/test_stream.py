"""Bytes to a viewer who reads slowly: whole frames, in order, and a goodbye that can be read."""

import itertools
import json
import socket
import weakref
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
import trio
from trio.testing import MockClock
from viewer import PATIENCE_S, read_frames

from edge.close_codes import Close
from edge.fanout import fan_out
from edge.frames import Frame, close_frame, frame_of, push_of, text_frame
from edge.mirror import Publication
from edge.poller import Poller
from edge.stream import FULL_READS_MOST, GOODBYE_S, OUTBOX_BYTES, RECEIVE_BYTES, REST_S, ViewerStream
from runtime.timers import TICK_S, Timers
from store.ids import Seq


class Listener:
    """Who owns a stream: notes what comes."""

    def __init__(self) -> None:
        self.heard = b""
        self.has_ended = trio.Event()

    def received(self, data: bytes) -> None:
        self.heard += data

    def ended(self) -> None:
        assert not self.has_ended.is_set()
        self.has_ended.set()


@dataclass
class Ends:
    """A connection with little room: the edge's stream, and the viewer's end."""

    stream: ViewerStream
    owner: Listener
    far: socket.socket


@pytest.fixture
def ends(nursery: trio.Nursery) -> Iterator[Ends]:
    poller, timers, owner = Poller(), Timers(), Listener()
    with socket.create_server(("127.0.0.1", 0)) as listening, socket.socket() as far:
        far.connect(listening.getsockname())
        far.setblocking(False)
        near, _ = listening.accept()
        near.setblocking(False)
        near.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 16_384)
        stream = ViewerStream(near, poller, timers)
        stream.start(owner)
        nursery.start_soon(poller.run)
        nursery.start_soon(timers.run)
        yield Ends(stream, owner, far)


async def read_to_the_end(far: socket.socket, code: Close) -> bytes:
    """Everything up to the close frame of this code."""
    reader = trio.socket.from_stdlib_socket(far)
    received = b""
    with trio.fail_after(PATIENCE_S):
        while not received.endswith(close_frame(code, code.reason)):
            data = await reader.recv(65_536)
            assert data, "cut off without a close frame"
            received += data
    return received


def numbered(number: int, size: int) -> bytes:
    return text_frame(b"%06d" % number + b"x" * size)


async def fill(stream: ViewerStream, size: int) -> int:
    """Writes numbered frames until no more is taken, however long the socket drains. Returns how many were."""
    number = 0
    while stream.write(numbered(number, size)):
        number += 1
        while stream.write(numbered(number, size)):
            number += 1
        await trio.testing.wait_all_tasks_blocked()
    return number


def chat(number: int, size: int) -> Frame:
    """A durable push of about so many bytes."""
    body = b'{"t":"chat","n":%d,"text":"%b"}' % (number, b"x" * size)
    return frame_of([push_of("room:x", Publication(Seq(number), body))])


@pytest.mark.parametrize("size", [1, 50, 119, 1_000, 4_096, 16_384, 65_530])
async def test_a_viewer_too_slow_reads_whole_frames_and_then_why_it_ends(ends: Ends, size: int) -> None:
    taken = await fill(ends.stream, size)
    fan_out(chat(1, size), [ends.stream])
    ends.stream.write(text_frame(b"after the end"))
    texts, codes = read_frames(await read_to_the_end(ends.far, Close.SLOW))

    assert taken > 3
    assert [int(text[:6]) for text in texts] == list(range(len(texts)))
    assert 0 < len(texts) < taken
    assert codes == [Close.SLOW]


@pytest.mark.parametrize("size", [1, 119, 16_384])
async def test_a_goodbye_that_meets_a_socket_just_emptied_is_read_too(ends: Ends, size: int) -> None:
    await fill(ends.stream, size)
    received = ends.far.recv(1_000_000)  # there is room again, which the writer has not seen yet
    ends.stream.close(Close.SLOW)
    texts, codes = read_frames(received + await read_to_the_end(ends.far, Close.SLOW))

    assert texts
    assert codes == [Close.SLOW]


@pytest.mark.parametrize("size", [10, 1_000, 60_000])
async def test_who_reads_again_in_time_gets_everything_in_order(ends: Ends, size: int) -> None:
    taken = await fill(ends.stream, size)
    reader = trio.socket.from_stdlib_socket(ends.far)
    received = await reader.recv(65_536)
    ends.stream.write(text_frame(b"%06d" % taken))
    while ends.stream.waiting_bytes:
        received += await reader.recv(65_536)
    ends.stream.close(Close.SHUTDOWN)
    texts, codes = read_frames(received + await read_to_the_end(ends.far, Close.SHUTDOWN))

    assert [int(text[:6]) for text in texts] == [*range(taken), taken]
    assert codes == [Close.SHUTDOWN]


async def test_once_all_has_left_a_fan_out_meets_the_sockets_own_send_again(ends: Ends) -> None:
    at_rest = ends.stream.send_now
    await fill(ends.stream, 1_000)
    while_clogged = ends.stream.send_now
    reader = trio.socket.from_stdlib_socket(ends.far)
    while ends.stream.waiting_bytes:
        await reader.recv(65_536)

    assert while_clogged != at_rest
    with pytest.raises(BlockingIOError):
        while_clogged(b"frame")
    assert ends.stream.send_now == at_rest


async def test_a_slow_viewer_gets_every_line_and_the_newest_count(ends: Ends) -> None:
    await fill(ends.stream, 4_096)
    reader = trio.socket.from_stdlib_socket(ends.far)
    received = await reader.recv(65_536)
    await trio.testing.wait_all_tasks_blocked()
    for number in range(1, 21):
        count = Publication(Seq(0), b'{"t":"count","viewers":%d}' % number)
        fan_out(chat(number, 10), [ends.stream])
        fan_out(frame_of([push_of("room:x", count)]), [ends.stream])
    while ends.stream.waiting_bytes:
        received += await reader.recv(65_536)
    ends.stream.close(Close.SHUTDOWN)
    texts, _ = read_frames(received + await read_to_the_end(ends.far, Close.SHUTDOWN))
    bodies = [
        json.loads(line)["push"]["pub"]["data"]
        for text in texts
        for line in text.split("\n")
        if line.startswith("{")
    ]

    assert [body["n"] for body in bodies if body["t"] == "chat"] == list(range(1, 21))
    assert [body["viewers"] for body in bodies if body["t"] == "count"] == [20]


async def test_a_frame_larger_than_the_outbox_leaves_room_for_what_follows(ends: Ends) -> None:
    whole_recovery = "r" * (4 * OUTBOX_BYTES)

    assert ends.stream.write(text_frame(whole_recovery.encode()))
    assert ends.stream.write(text_frame(b"the next line"))
    reader = trio.socket.from_stdlib_socket(ends.far)
    received = b""
    while len(received) < 4 * OUTBOX_BYTES + 25:
        received += await reader.recv(65_536)

    assert read_frames(received) == ([whole_recovery, "the next line"], [])


async def test_writing_to_who_is_gone_raises_nothing_and_the_owner_hears_of_the_end(ends: Ends) -> None:
    ends.far.close()

    assert ends.stream.write(text_frame(b"anybody?"))
    assert ends.stream.write(text_frame(b"anybody?"))
    fan_out(chat(1, 10), [ends.stream])
    with trio.fail_after(PATIENCE_S):
        await ends.owner.has_ended.wait()
    assert ends.stream.write(text_frame(b"anybody?"))
    ends.stream.cut()


async def test_what_the_viewer_sends_comes_to_the_owner_until_the_end(ends: Ends) -> None:
    ends.far.send(b"one")
    await trio.testing.wait_all_tasks_blocked()
    ends.far.send(b"two")
    ends.far.shutdown(socket.SHUT_WR)
    with trio.fail_after(PATIENCE_S):
        await ends.owner.has_ended.wait()

    assert ends.owner.heard == b"onetwo"


async def test_a_viewer_who_does_not_answer_the_goodbye_is_cut(ends: Ends, autojump_clock: MockClock) -> None:
    ends.stream.close(Close.SHUTDOWN)
    began_s = trio.current_time()
    await ends.owner.has_ended.wait()

    assert GOODBYE_S <= trio.current_time() - began_s <= GOODBYE_S + 2 * TICK_S
    assert read_frames(ends.far.recv(1_000)) == ([], [Close.SHUTDOWN])


async def test_after_the_last_word_what_still_comes_is_thrown_away(ends: Ends) -> None:
    ends.stream.write(text_frame(b"last"))
    ends.stream.finish()
    ends.far.send(b"too late")
    await trio.testing.wait_all_tasks_blocked()
    ends.far.shutdown(socket.SHUT_WR)
    with trio.fail_after(PATIENCE_S):
        await ends.owner.has_ended.wait()

    assert ends.owner.heard == b""
    assert read_frames(ends.far.recv(1_000)) == (["last"], [])


async def test_who_has_gone_is_forgotten_while_timers_still_know_the_stream(ends: Ends) -> None:
    owner = Listener()
    ends.stream.start(owner)
    gone, has_ended = weakref.ref(owner), owner.has_ended
    del owner
    ends.stream.close(Close.SHUTDOWN)
    ends.far.close()
    await has_ended.wait()

    assert gone() is None


async def test_who_sends_without_end_is_read_a_little_at_a_time(
    ends: Ends, autojump_clock: MockClock
) -> None:
    sent_bytes = 0
    while True:
        try:
            sent_bytes += ends.far.send(b"x" * 65_536)
        except BlockingIOError:
            break
    began_s = trio.current_time()
    heard: list[int] = []
    while len(ends.owner.heard) < 20 * FULL_READS_MOST * RECEIVE_BYTES:
        heard.append(len(ends.owner.heard))
        await trio.sleep(REST_S)

    assert sent_bytes > len(ends.owner.heard)
    at_once = FULL_READS_MOST * RECEIVE_BYTES
    assert max(after - before for before, after in itertools.pairwise(heard)) <= 2 * at_once
    assert trio.current_time() - began_s >= 19 * REST_S


async def test_who_rests_is_written_to_all_the_same(ends: Ends, autojump_clock: MockClock) -> None:
    ends.far.send(b"x" * FULL_READS_MOST * RECEIVE_BYTES * 2)
    await trio.testing.wait_all_tasks_blocked()
    taken = await fill(ends.stream, 4_096)
    reader = trio.socket.from_stdlib_socket(ends.far)
    received = b""
    while ends.stream.waiting_bytes:
        received += await reader.recv(65_536)
    ends.stream.close(Close.SHUTDOWN)
    texts, codes = read_frames(received + await read_to_the_end(ends.far, Close.SHUTDOWN))

    assert [int(text[:6]) for text in texts] == list(range(taken))
    assert codes == [Close.SHUTDOWN]
