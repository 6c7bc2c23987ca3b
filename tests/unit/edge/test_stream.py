"""Bytes to a viewer who reads slowly: whole frames, in order, and a goodbye that can be read."""

import socket
from collections.abc import Iterator

import pytest
import trio
from viewer import PATIENCE_S, read_frames

from edge.close_codes import Close
from edge.fanout import fan_out
from edge.frames import close_frame, text_frame
from edge.stream import OUTBOX_BYTES, ViewerStream

Ends = tuple[socket.socket, socket.socket]


@pytest.fixture
def ends() -> Iterator[Ends]:
    """A connection with little room: the edge's end and the viewer's."""
    with socket.create_server(("127.0.0.1", 0)) as listening, socket.socket() as far:
        far.connect(listening.getsockname())
        far.setblocking(False)
        near, _ = listening.accept()
        with near:
            near.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 16_384)
            yield near, far


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


@pytest.mark.parametrize("size", [1, 50, 119, 1_000, 4_096, 16_384, 65_530])
async def test_a_viewer_too_slow_reads_whole_frames_and_then_why_it_ends(
    ends: Ends, nursery: trio.Nursery, size: int
) -> None:
    near, far = ends
    stream = ViewerStream(near, nursery)
    taken = await fill(stream, size)
    fan_out(numbered(taken, size), [Receiver(stream)])
    stream.write(text_frame(b"after the end"))
    texts, codes = read_frames(await read_to_the_end(far, Close.SLOW))

    assert taken > 3
    assert [int(text[:6]) for text in texts] == list(range(len(texts)))
    assert 0 < len(texts) < taken
    assert codes == [Close.SLOW]


class Receiver:
    def __init__(self, stream: ViewerStream) -> None:
        self.stream = stream
        self.send = stream.write

    def close(self, code: Close) -> None:
        self.stream.goodbye(code)


@pytest.mark.parametrize("size", [1, 119, 16_384])
async def test_a_goodbye_that_meets_a_socket_just_emptied_is_read_too(
    ends: Ends, nursery: trio.Nursery, size: int
) -> None:
    near, far = ends
    stream = ViewerStream(near, nursery)
    await fill(stream, size)
    received = far.recv(1_000_000)  # there is room again, which the writer has not seen yet
    stream.goodbye(Close.SLOW)
    texts, codes = read_frames(received + await read_to_the_end(far, Close.SLOW))

    assert texts
    assert codes == [Close.SLOW]


@pytest.mark.parametrize("size", [10, 1_000, 60_000])
async def test_who_reads_again_in_time_gets_everything_in_order(
    ends: Ends, nursery: trio.Nursery, size: int
) -> None:
    near, far = ends
    stream = ViewerStream(near, nursery)
    taken = await fill(stream, size)

    async def let_go() -> None:
        await stream.send_all(text_frame(b"%06d" % taken))
        stream.goodbye(Close.SHUTDOWN)

    reader = trio.socket.from_stdlib_socket(far)
    received = await reader.recv(65_536)
    while not stream.write(text_frame(b"%06d" % taken)):
        received += await reader.recv(65_536)
    nursery.start_soon(let_go)
    texts, codes = read_frames(received + await read_to_the_end(far, Close.SHUTDOWN))

    assert [int(text[:6]) for text in texts] == [*range(taken), taken, taken]
    assert codes == [Close.SHUTDOWN]


async def test_a_frame_larger_than_the_outbox_leaves_room_for_what_follows(
    ends: Ends, nursery: trio.Nursery
) -> None:
    near, far = ends
    stream = ViewerStream(near, nursery)
    whole_recovery = "r" * (4 * OUTBOX_BYTES)

    assert stream.write(text_frame(whole_recovery.encode()))
    assert stream.write(text_frame(b"the next line"))
    reader = trio.socket.from_stdlib_socket(far)
    received = b""
    while len(received) < 4 * OUTBOX_BYTES + 25:
        received += await reader.recv(65_536)

    assert read_frames(received) == ([whole_recovery, "the next line"], [])


async def test_writing_to_who_is_gone_raises_nothing_and_reading_says_so(
    ends: Ends, nursery: trio.Nursery
) -> None:
    near, far = ends
    stream = ViewerStream(near, nursery)
    far.close()

    assert stream.write(text_frame(b"anybody?"))
    assert stream.write(text_frame(b"anybody?"))
    with pytest.raises(trio.BrokenResourceError):
        await stream.send_all(text_frame(b"anybody?"))
    assert await stream.receive_some() == b""


async def test_what_was_read_before_comes_first(ends: Ends, nursery: trio.Nursery) -> None:
    near, far = ends
    stream = ViewerStream(near, nursery, b"head")
    far.send(b"body")

    assert [await stream.receive_some(), await stream.receive_some()] == [b"head", b"body"]
