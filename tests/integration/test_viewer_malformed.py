"""What malformed frames get: the exact close code, at once, and nobody else is disturbed."""

from collections.abc import AsyncIterator

import pytest
from platform_cases import ROOM, Platform
from viewer import Viewer, frame_of, open_socket, open_viewer, read_frames

BAD_REQUEST = 3501

BEFORE_CONNECT = {
    "another command first": '{"id":1,"ping":{}}',
    "an unknown command first": '{"id":1,"teleport":{}}',
    "a pong first": "{}",
    "a message first": '{"send":{}}',
    "rubbish first": "hello",
}

AFTER_CONNECT = {
    "not JSON": "hello",
    "half an object": '{"id":2,"ping":{',
    "more after the object": '{"id":2,"ping":{}}}',
    "a list": '[{"id":2,"ping":{}}]',
    "a number": "17",
    "a string": '"ping"',
    "null": "null",
    "an empty frame": "",
    "a frame of blanks": " \n\t\n ",
    "single quotes": "{'id':2,'ping':{}}",
    "not a number": '{"id":2,"ping":{},"x":NaN}',
    "a number without end": '{"id":2,"send":{"data":' + "9" * 5_000 + "}}",
    "a number out of range": '{"id":1e999,"ping":{}}',
    "half a surrogate pair": '{"id":2,"send":{"data":"\\ud800"}}',
    "an escape that there is not": '{"id":2,"send":{"data":"\\x41"}}',
    "nested without end": '{"id":2,"send":{"data":' + "[" * 20_000 + "]" * 20_000 + "}}",
    "a byte order mark": '\ufeff{"id":2,"ping":{}}',
    "a control character": '{"id":2,"send":{"data":"\x00"}}',
    "no id": '{"ping":{}}',
    "id zero": '{"id":0,"ping":{}}',
    "a negative id": '{"id":-1,"ping":{}}',
    "an id that is a text": '{"id":"2","ping":{}}',
    "an id that is a fraction": '{"id":2.5,"ping":{}}',
    "an id that is a truth": '{"id":true,"ping":{}}',
    "an id that is too large": '{"id":4294967296,"ping":{}}',
    "an id and nothing else": '{"id":2}',
    "two methods": '{"id":2,"ping":{},"history":{"channel":"room:panel"}}',
    "a method that is null": '{"id":2,"ping":null}',
    "a method that is a list": '{"id":2,"history":["room:panel"]}',
    "no channel": '{"id":2,"subscribe":{}}',
    "a channel that is a number": '{"id":2,"subscribe":{"channel":17}}',
    "a flag that is a text": '{"id":2,"subscribe":{"channel":"room:panel","recover":"yes"}}',
    "an offset that is a fraction": '{"id":2,"subscribe":{"channel":"room:panel","offset":1.5}}',
    "a position that is a number": '{"id":2,"history":{"channel":"room:panel","since":17}}',
    "connect a second time": '{"id":2,"connect":{}}',
    "bytes": b'{"id":2,"ping":{}}',
}


@pytest.fixture
async def bystander(platform: Platform) -> AsyncIterator[Viewer]:
    """In the room the whole time; says at the end that nothing happened to it."""
    async with open_viewer(platform.edge.port) as viewer:
        await viewer.enter(ROOM)
        yield viewer
        position = await viewer.say(ROOM, "저는 괜찮아요", "last")
        await viewer.until_said("저는 괜찮아요")
        assert position["offset"] >= 1
        assert viewer.closed is None


@pytest.mark.parametrize("frame", BEFORE_CONNECT.values(), ids=BEFORE_CONNECT)
async def test_nothing_but_connect_comes_first(platform: Platform, bystander: Viewer, frame: str) -> None:
    async with open_viewer(platform.edge.port, connects=False) as viewer:
        await viewer.send(frame)
        assert await viewer.close_code() == BAD_REQUEST
        assert viewer.closed == (BAD_REQUEST, "bad request")


@pytest.mark.parametrize("frame", AFTER_CONNECT.values(), ids=AFTER_CONNECT)
async def test_a_malformed_frame_closes_its_connection(
    platform: Platform, bystander: Viewer, frame: str | bytes
) -> None:
    async with open_viewer(platform.edge.port) as viewer:
        await viewer.enter(ROOM)
        await viewer.send(frame)
        assert await viewer.close_code() == BAD_REQUEST


async def test_what_came_before_the_malformed_object_is_answered_and_what_came_after_is_not(
    platform: Platform, bystander: Viewer
) -> None:
    said = '{"id":%d,"rpc":{"method":"say","data":{"channel":"room:panel","text":"%s","id":"%s"}}}'
    async with open_viewer(platform.edge.port) as viewer:
        await viewer.send('{"id":11,"ping":{}}\n\nrubbish\n' + said % (12, "나중", "m2"))
        assert await viewer.reply_to(11) == {"id": 11, "ping": {}}
        assert await viewer.close_code() == BAD_REQUEST
    await bystander.say(ROOM, "끝", "end")
    await bystander.until_said("끝")

    assert bystander.texts() == ["끝"]


# -- below the protocol: frames that are no WebSocket frames -------------------------------------------

RAW = {
    "not UTF-8": (frame_of(b"\xff\xfe"), BAD_REQUEST),
    "half a character": (frame_of("가".encode()[:2], 0x81), BAD_REQUEST),
    "too large": (frame_of(b" " * 70_000, 0x81), 1009),
    "too large in pieces": (frame_of(b" " * 33_000, 0x01) + frame_of(b" " * 33_000, 0x80), 1009),
    "a size longer than it need be": (b"\x81\xff" + (2).to_bytes(8, "big") + b"\0\0\0\0{}", BAD_REQUEST),
    "larger than any machine": (b"\x81\xff" + (2**63).to_bytes(8, "big") + b"\0\0\0\0", BAD_REQUEST),
    "not masked": (b"\x81\x02{}", BAD_REQUEST),
    "an opcode that there is not": (frame_of(b"{}", 0x83), BAD_REQUEST),
    "a reserved bit": (frame_of(b"{}", 0xC1), BAD_REQUEST),
    "a ping in pieces": (frame_of(b"a", 0x09), BAD_REQUEST),
    "a ping too large": (frame_of(b"a" * 126, 0x89), BAD_REQUEST),
    "a continuation of nothing": (frame_of(b"{}", 0x80), BAD_REQUEST),
    "a close code that may not be sent": (frame_of((1005).to_bytes(2, "big"), 0x88), BAD_REQUEST),
    "half a close code": (frame_of(b"\x03", 0x88), BAD_REQUEST),
}


@pytest.mark.parametrize(("frame", "code"), RAW.values(), ids=RAW)
async def test_a_frame_that_is_no_websocket_frame_closes_its_connection(
    platform: Platform, bystander: Viewer, frame: bytes, code: int
) -> None:
    async with open_socket(platform.edge.port) as stream:
        await stream.send_all(frame)
        received = b"".join([data async for data in stream])

    assert read_frames(received) == ([], [code])
