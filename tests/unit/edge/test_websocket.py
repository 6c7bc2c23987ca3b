"""Bytes of a viewer become texts; what breaks the protocol ends the connection with the right code."""

import socket
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
import trio
from trio.testing import MockClock
from viewer import HANDSHAKE, frame_of, read_frames
from wsproto.frame_protocol import FrameProtocol, Opcode

from edge.close_codes import Close
from edge.poller import Poller
from edge.stream import ViewerStream
from edge.websocket import MESSAGE_MAX_CHARS, BadHandshake, WebSocket, accept
from runtime.timers import Timers


@dataclass
class Talker:
    """Notes the texts; closes as a connection does."""

    stream: ViewerStream
    texts: list[str] = field(default_factory=list)
    rejected: list[str] = field(default_factory=list)
    has_ended: bool = False

    def take(self, text: str) -> None:
        self.texts.append(text)

    def reject(self, reason: str) -> None:
        self.rejected.append(reason)
        self.stream.close(Close.BAD_REQUEST)

    def ended(self) -> None:
        self.has_ended = True


@dataclass
class Line:
    talker: Talker
    far: socket.socket

    async def talk(self, *pieces: bytes) -> bytes:
        """Everything that comes back until the edge ends the connection, or nothing moves any more."""
        for piece in pieces:
            await self.far_end.send_all(piece)
            await trio.testing.wait_all_tasks_blocked()
        return self.come()

    async def talk_at_length(self, data: bytes) -> bytes:
        """The same, with the time it takes an edge to read it all."""
        with trio.move_on_after(60):
            await self.far_end.send_all(data)
        await trio.sleep(60)
        return self.come()

    @property
    def far_end(self) -> trio.SocketStream:
        return trio.SocketStream(trio.socket.from_stdlib_socket(self.far))

    def come(self) -> bytes:
        """What has come by now."""
        received = b""
        while True:
            try:
                data = self.far.recv(65_536)
            except BlockingIOError:
                return received
            if not data:
                return received
            received += data


@pytest.fixture
def line(nursery: trio.Nursery) -> Iterator[Line]:
    poller, timers = Poller(), Timers()
    near, far = socket.socketpair()
    with near, far:
        near.setblocking(False)
        far.setblocking(False)
        stream = ViewerStream(near, poller, timers)
        talker = Talker(stream)
        stream.start(WebSocket(stream, talker))
        nursery.start_soon(poller.run)
        nursery.start_soon(timers.run)
        yield Line(talker, far)


async def test_frames_in_any_pieces_are_the_same_texts(line: Line) -> None:
    data = frame_of("하나".encode()) + frame_of("둘".encode(), 0x01) + frame_of("셋".encode(), 0x80)
    await line.talk(*(data[at : at + 1] for at in range(len(data))))

    assert line.talker.texts == ["하나", "둘셋"]


async def test_several_frames_in_one_piece_are_several_texts(line: Line) -> None:
    await line.talk(b"".join(frame_of(b"%d" % number) for number in range(50)))

    assert line.talker.texts == [str(number) for number in range(50)]


async def test_a_ping_between_the_frames_of_a_message_is_answered_with_its_own_bytes(line: Line) -> None:
    came = await line.talk(frame_of(b"a", 0x01) + frame_of(b"are you there", 0x89) + frame_of(b"b", 0x80))
    protocol = FrameProtocol(client=True, extensions=[])
    protocol.receive_bytes(came)

    assert [(frame.opcode, bytes(frame.payload)) for frame in protocol.received_frames()] == [  # type: ignore[arg-type]
        (Opcode.PONG, b"are you there")
    ]
    assert line.talker.texts == ["ab"]


@pytest.mark.parametrize("code", [1000, 1001, 3000, 4999])
async def test_a_close_is_answered_with_its_code_and_ends_the_connection(line: Line, code: int) -> None:
    came = await line.talk(frame_of(code.to_bytes(2, "big"), 0x88) + frame_of(b"after the end"))
    line.far.close()
    await trio.testing.wait_all_tasks_blocked()

    assert read_frames(came) == ([], [code])
    assert line.talker.texts == []
    assert line.talker.has_ended


async def test_our_goodbye_and_the_viewers_answer_end_the_connection(line: Line) -> None:
    line.talker.stream.close(Close.SHUTDOWN)
    came = await line.talk(
        frame_of(b"said before it was heard") + frame_of(int(Close.SHUTDOWN).to_bytes(2, "big"), 0x88)
    )
    line.far.close()
    await trio.testing.wait_all_tasks_blocked()

    assert read_frames(came) == ([], [Close.SHUTDOWN])
    assert line.talker.texts == []
    assert line.talker.has_ended


@pytest.mark.parametrize(
    "broken",
    [
        b"\x81\x02hi",  # not masked
        frame_of(b"x", 0xC1),  # a reserved bit
        frame_of(b"x", 0x83),  # an opcode of nobody's
        frame_of(b"x", 0x80),  # the rest of nothing
        frame_of(b"\xff\xfe"),  # no UTF-8
        frame_of(b"x" * 126, 0x89),  # a ping too long
        frame_of(b"\x03", 0x88),  # half a close code
        frame_of(b"binary", 0x82),
    ],
)
async def test_what_breaks_the_protocol_is_closed_as_a_bad_request(line: Line, broken: bytes) -> None:
    came = await line.talk(broken)

    assert read_frames(came) == ([], [Close.BAD_REQUEST])
    assert len(line.talker.rejected) == 1
    assert line.talker.texts == []


@pytest.mark.parametrize("piece_chars", [1, 1_000])
async def test_a_message_too_large_is_refused_however_it_comes(
    line: Line, autojump_clock: MockClock, piece_chars: int
) -> None:
    pieces = MESSAGE_MAX_CHARS // piece_chars + 1
    data = frame_of(b"a" * piece_chars, 0x01) + frame_of(b"a" * piece_chars, 0x00) * pieces
    came = await line.talk_at_length(data)

    assert read_frames(came) == ([], [1009])
    assert line.talker.texts == []


async def test_a_message_of_endless_empty_pieces_is_refused(line: Line, autojump_clock: MockClock) -> None:
    data = frame_of(b"a", 0x01) + frame_of(b"", 0x00) * (MESSAGE_MAX_CHARS + 1)
    came = await line.talk_at_length(data)

    assert read_frames(came) == ([], [1009])


async def test_a_message_that_just_fits_is_taken(line: Line, autojump_clock: MockClock) -> None:
    await line.talk_at_length(frame_of(b"a" * MESSAGE_MAX_CHARS))

    assert line.talker.texts == ["a" * MESSAGE_MAX_CHARS]


def test_a_handshake_is_accepted_with_the_key_of_the_standard() -> None:
    answer = accept(HANDSHAKE)

    assert answer.startswith(b"HTTP/1.1 101 ")
    assert b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" in answer  # RFC 6455, 1.3
    assert b"extensions" not in answer.lower()


@pytest.mark.parametrize(
    "head",
    [
        HANDSHAKE.replace(b"Connection: Upgrade", b"connection:keep-alive,\tupgrade "),
        HANDSHAKE.replace(b"Connection: Upgrade", b"Connection: keep-alive\r\nConnection: Upgrade"),
        HANDSHAKE.replace(b"Upgrade: websocket", b"UPGRADE:  WebSocket\t"),
        HANDSHAKE.replace(b"Host: x", b'Host:x\r\nCookie: a=\xea\xb0\x80; b="c"\r\nX-Empty:'),
        HANDSHAKE.replace(b"Host: x", b"Host: x\r\nSec-WebSocket-Extensions: permessage-deflate"),
    ],
)
def test_what_browsers_and_proxies_make_of_a_handshake_is_accepted(head: bytes) -> None:
    assert accept(head).startswith(b"HTTP/1.1 101 ")


@pytest.mark.parametrize(
    "head",
    [
        HANDSHAKE.replace(b"GET", b"POST"),
        HANDSHAKE.replace(b"Version: 13", b"Version: 8"),
        HANDSHAKE.replace(b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n", b""),
        HANDSHAKE.replace(b"Host: x", b"Host: \xff\xfe"),
        HANDSHAKE.replace(b"Host: x", b"no colon"),
        HANDSHAKE.replace(b"HTTP/1.1", b"HTTP/9"),
        HANDSHAKE.replace(b"/connection", b"/\xff\xfe"),
        HANDSHAKE.replace(b"Host: x\r\n", b""),
        HANDSHAKE.replace(b"Host: x", b"Host: x\r\n folded"),
        HANDSHAKE.replace(b"Host: x", b"Host: x\n"),
        HANDSHAKE.replace(b"Host:", b"Host :"),
        HANDSHAKE.replace(b"Upgrade: websocket", b"Upgrade: h2c"),
        HANDSHAKE.replace(b"Connection: Upgrade", b"Connection: keep-alive, Upgraded"),
        HANDSHAKE.replace(b"==", b"="),
        HANDSHAKE.replace(
            b"Sec-WebSocket-Version: 13", b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Version: 8"
        ),
        b"\x16\x03\x01\r\n\r\n",
    ],
)
def test_what_is_no_handshake_is_answered_with_an_error_of_http(head: bytes) -> None:
    with pytest.raises(BadHandshake) as caught:
        accept(head)

    assert caught.value.response.startswith(b"HTTP/1.1 4")
    assert b"connection: close" in caught.value.response.lower()


def test_a_header_of_many_blanks_is_read_once() -> None:
    """A pattern that tried every way to divide them would take ten minutes, which no test is given."""
    with pytest.raises(BadHandshake):
        accept(HANDSHAKE.replace(b"Host: x", b"Host:" + 400_000 * b" " + b"\x01"))
    assert accept(HANDSHAKE.replace(b"Host: x", b"Host:" + 400_000 * b" \t" + b"x \t")).startswith(
        b"HTTP/1.1 101 "
    )


def test_another_version_of_websocket_is_told_which_one_is_spoken() -> None:
    with pytest.raises(BadHandshake) as caught:
        accept(HANDSHAKE.replace(b"Version: 13", b"Version: 8"))

    assert caught.value.response.startswith(b"HTTP/1.1 426 ")
    assert b"Sec-WebSocket-Version: 13\r\n" in caught.value.response
