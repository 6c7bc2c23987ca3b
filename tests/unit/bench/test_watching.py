"""What a viewer of the load test finds wrong in a stream, and what it may rightly skip."""

import json
from typing import Any

import pytest

from bench.watching import Answer, Closed, Digest, Fault, Ping, RoomStream, Watch, command
from edge import frames

CHANNEL = "room:oh-yul"


def push(offset: int, **data: Any) -> bytes:
    place = {"offset": offset} if offset else {}
    return json.dumps(
        {"push": {"channel": CHANNEL, "pub": {**place, "data": {"t": "chat", **data}}}}
    ).encode()


def frame(*pushes: bytes) -> bytes:
    return frames.text_frame(b"\n".join(pushes))


@pytest.fixture
def intervals() -> list[float]:
    return []


@pytest.fixture
def stream(intervals: list[float]) -> RoomStream:
    return RoomStream("oh-yul", intervals.append)


def viewer(stream: RoomStream, offset: int = 0) -> Watch:
    watch = Watch(stream)
    watch.offset = offset
    return watch


def test_what_comes_in_order_is_no_news_and_moves_the_position(stream: RoomStream) -> None:
    watch = viewer(stream, 4)
    assert list(watch.take(frame(push(5)) + frame(push(6), push(7)))) == []
    assert (watch.offset, watch.events, watch.frames) == (7, 3, 2)


def test_an_event_that_is_lost_is_a_fault(stream: RoomStream) -> None:
    watch = viewer(stream, 4)
    assert list(watch.take(frame(push(6)))) == [Fault("lost", "6 after 4")]


def test_an_event_that_comes_twice_is_a_fault(stream: RoomStream) -> None:
    watch = viewer(stream, 4)
    assert list(watch.take(frame(push(5)) + frame(push(5)))) == [Fault("doubled", "5 after 5")]


def test_a_hole_within_a_frame_is_a_fault(stream: RoomStream) -> None:
    watch = viewer(stream, 4)
    assert [type(each) for each in watch.take(frame(push(5), push(7)))] == [Fault]


def test_a_hole_is_found_by_every_viewer_though_the_bytes_are_known(stream: RoomStream) -> None:
    data = frame(push(5)) + frame(push(7))
    found = [list(viewer(stream, 4).take(data)) for _ in range(3)]
    assert all([type(each) for each in faults] == [Fault] for faults in found)


def test_a_viewer_who_lacks_what_the_others_have_is_found_though_the_bytes_are_known(
    stream: RoomStream,
) -> None:
    first, second = frame(push(5)), frame(push(6))
    whole, lacks = viewer(stream, 4), viewer(stream, 4)
    assert list(whole.take(first)) + list(whole.take(second)) == []
    assert list(lacks.take(second)) == [Fault("lost", "6 after 4")]


def test_bytes_cut_anywhere_are_the_same_stream(stream: RoomStream) -> None:
    data = frame(push(5)) + frames.PING + frame(push(6, text="가" * 300), push(7))
    for size in range(1, len(data)):
        watch = viewer(stream, 4)
        happened = [each for at in range(0, len(data), size) for each in watch.take(data[at : at + size])]
        assert happened == [Ping()]
        assert watch.offset == 7


def test_fleeting_events_move_nobody(stream: RoomStream) -> None:
    watch = viewer(stream, 4)
    assert list(watch.take(frame(push(0, t="count", viewers=3, connections=3)))) == []
    assert watch.offset == 4


def test_a_turn_and_its_words_are_told(stream: RoomStream) -> None:
    watch = viewer(stream, 4)
    [digest] = watch.take(
        frame(
            push(5, t="asked", reply="t_1", answers=[3, 4]),
            push(0, t="delta", reply="t_1", at=0, text="안녕"),
        )
    )
    assert isinstance(digest, Digest)
    assert (digest.asked, digest.spoken) == ((("t_1", (3, 4)),), ("t_1",))
    assert stream.asked == {3: "t_1", 4: "t_1"}


def test_an_answer_is_this_viewers_and_the_pushes_around_it_everybodys(stream: RoomStream) -> None:
    data = frame(push(5)) + frames.reply(7, "rpc", {"data": {"offset": 5}}) + frame(push(6))
    for _ in range(2):
        watch = viewer(stream, 4)
        assert list(watch.take(data)) == [Answer(7, {"id": 7, "rpc": {"data": {"offset": 5}}})]
        assert watch.offset == 6


def test_the_position_of_the_answer_to_subscribe_holds_for_what_stands_behind_it(stream: RoomStream) -> None:
    watch = viewer(stream)
    for happened in watch.take(frames.reply(2, "subscribe", {"offset": 41}) + frame(push(42))):
        assert isinstance(happened, Answer)
        watch.offset = happened.body["subscribe"]["offset"]
    assert watch.offset == 42


def test_slow_mode_is_told_when_its_interval_is_another(stream: RoomStream, intervals: list[float]) -> None:
    watch = viewer(stream, 4)
    for offset, slow_s in enumerate((3.0, 3.0, 8.5, 0), start=5):
        assert list(watch.take(frame(push(offset, t="show", what="slow", slow_s=slow_s)))) == []
    assert intervals == [3.0, 8.5, 0.0]


def test_a_goodbye_is_told_with_its_code(stream: RoomStream) -> None:
    assert list(viewer(stream).take(frames.close_frame(3008, "slow"))) == [Closed(3008)]


def test_commands_are_what_the_edge_reads() -> None:
    frame = command({"id": 1, "connect": {}}, {"id": 2, "subscribe": {"channel": CHANNEL}})
    assert frame[0] == 0x81
    assert frame[1] & 0x7F == len(frame) - 6
    assert [json.loads(line)["id"] for line in frame[6:].split(b"\n")] == [1, 2]
