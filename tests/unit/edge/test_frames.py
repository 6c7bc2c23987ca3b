"""Our bytes, read back by a WebSocket library that is not ours."""

import json

import pytest
from wsproto.frame_protocol import CloseReason, Frame, FrameProtocol, Opcode

from edge import frames
from edge.close_codes import Close
from edge.frames import Kind
from edge.mirror import Publication
from runtime.refusal import Code, Refused
from store.ids import Seq


def read_back(sent: bytes) -> list[Frame]:
    protocol = FrameProtocol(client=True, extensions=[])
    protocol.receive_bytes(sent)
    return list(protocol.received_frames())


def read_json(sent: bytes) -> object:
    [frame] = read_back(sent)
    return json.loads(frame.payload)


@pytest.mark.parametrize("size", [0, 1, 125, 126, 127, 65_535, 65_536, 200_000])
def test_a_text_of_any_size_is_one_whole_frame(size: int) -> None:
    sent = frames.text_frame(b"x" * size)
    read = read_back(sent + frames.PING)

    assert "".join(frame.payload for frame in read) == "x" * size + "{}"
    assert read[-1].payload == "{}"
    assert all(frame.opcode is Opcode.TEXT for frame in read)
    assert sum(frame.message_finished for frame in read) == 2


def test_the_header_is_as_short_as_the_size_allows() -> None:
    headers = {size: len(frames.text_frame(b"x" * size)) - size for size in (125, 126, 65_535, 65_536)}

    assert headers == {125: 2, 126: 4, 65_535: 4, 65_536: 10}


@pytest.mark.parametrize("code", list(Close))
def test_a_close_frame_says_code_and_reason(code: Close) -> None:
    sent = frames.close_frame(code, code.reason)
    [frame] = read_back(sent)

    assert frame.opcode is Opcode.CLOSE
    assert frame.payload == (int(code), code.reason)
    assert not isinstance(frame.payload[0], CloseReason)


def test_a_reason_that_is_too_long_is_cut_to_what_a_control_frame_holds() -> None:
    [frame] = read_back(frames.close_frame(3000, "x" * 200))

    assert frame.payload == (3000, "x" * 123)


def test_replies_and_errors_have_the_shape_of_the_protocol() -> None:
    assert read_json(frames.reply(7, "rpc", {"data": {"offset": 3}})) == {
        "id": 7,
        "rpc": {"data": {"offset": 3}},
    }
    assert read_json(frames.error(7, Refused(Code.UNKNOWN_CHANNEL))) == {
        "id": 7,
        "error": {"code": 102, "message": "unknown channel"},
    }
    assert read_json(frames.error(7, Refused(Code.TOO_MANY_REQUESTS, "wait"))) == {
        "id": 7,
        "error": {"code": 111, "message": "wait", "temporary": True},
    }


def published(data: bytes, offset: int = 0) -> frames.Push:
    return frames.push_of("room:a", Publication(Seq(offset), data))


def test_a_durable_publication_has_an_offset_and_a_fleeting_one_has_none() -> None:
    sent = frames.frame_of([published(b'{"t":"chat"}', 3), published(b"{}")]).data
    [frame] = read_back(sent)

    assert [json.loads(line) for line in frame.payload.split("\n")] == [
        {"push": {"channel": "room:a", "pub": {"offset": 3, "data": {"t": "chat"}}}},
        {"push": {"channel": "room:a", "pub": {"data": {}}}},
    ]


@pytest.mark.parametrize(
    ("data", "offset", "kind", "key"),
    [
        (b'{"t":"chat","text":"delta"}', 1, Kind.DURABLE, ""),
        (b'{"t":"show","what":"closed"}', 2, Kind.DURABLE, ""),
        (b'{"t":"asked","reply":"t_1"}', 3, Kind.DURABLE, ""),
        (b'{"t":"reply","reply":"t_1"}', 4, Kind.DURABLE, "room:a t_1"),
        (b'{"t":"delta","reply":"t_1","at":0,"text":"x"}', 0, Kind.DELTA, "room:a t_1"),
        (b'{"t":"count","viewers":3}', 0, Kind.LATEST, "room:a count"),
        (b'{"t":"react","counts":{"heart":3}}', 0, Kind.FLEETING, ""),
        (b'{"t":"tally","poll":"p1","votes":[1,2]}', 0, Kind.LATEST, "room:a tally p1"),
        (b'{"t":"queue","stories":2,"lines":9}', 0, Kind.LATEST, "room:a queue"),
        (b'{"t":"of a newer version"}', 0, Kind.FLEETING, ""),
        (b"{}", 0, Kind.FLEETING, ""),
    ],
)
def test_what_may_be_done_to_a_push_follows_from_its_type(
    data: bytes, offset: int, kind: Kind, key: str
) -> None:
    push = published(data, offset)

    assert (push.kind, push.key) == (kind, key)


def test_joined_deltas_are_a_delta_of_the_protocol() -> None:
    first = published(b'{"t":"delta","reply":"t_1","at":3,"text":"ab"}')
    second = published(b'{"t":"delta","reply":"t_1","at":5,"text":"c","cue":{"signal":"nod","at":5}}')
    together = frames.merged(first, second)

    assert together is not None
    assert json.loads(together.json) == {
        "push": {
            "channel": "room:a",
            "pub": {
                "data": {
                    "t": "delta",
                    "reply": "t_1",
                    "at": 3,
                    "text": "abc",
                    "cue": {"signal": "nod", "at": 5},
                }
            },
        }
    }
    assert (together.kind, together.key) == (first.kind, first.key)
