"""One frame, many viewers."""

from receivers import ScriptedFollower

from edge.close_codes import Close
from edge.fanout import fan_out
from edge.frames import Frame, frame_of, push_of
from edge.mirror import Publication
from store.ids import Seq


def frame() -> Frame:
    return frame_of([push_of("room:a", Publication(Seq(1), b'{"t":"chat"}'))])


def refuses(_data: bytes) -> int:
    raise BlockingIOError


def fails(_data: bytes) -> int:
    raise ConnectionResetError


def test_everybody_gets_the_same_bytes() -> None:
    viewers = [ScriptedFollower() for _ in range(5)]
    sent = frame()

    assert fan_out(sent, viewers) == 5
    assert [viewer.sent for viewer in viewers] == [[sent.data]] * 5
    assert not any(viewer.queued or viewer.closed for viewer in viewers)


def test_what_does_not_leave_is_queued_with_what_has() -> None:
    clogged, partly, quick = (
        ScriptedFollower(takes=refuses),
        ScriptedFollower(takes=lambda _: 7),
        ScriptedFollower(),
    )
    sent = frame()

    assert fan_out(sent, [clogged, partly, quick]) == 3
    assert clogged.queued == [(sent, 0)]
    assert partly.queued == [(sent, 7)]
    assert quick.queued == []


def test_who_is_too_slow_is_closed_and_nobody_else_suffers() -> None:
    slow, quick = ScriptedFollower(takes=refuses, has_room=False), ScriptedFollower()

    assert fan_out(frame(), [slow, quick]) == 1
    assert slow.closed == [Close.SLOW]
    assert (len(quick.sent), quick.closed) == (1, [])


def test_who_is_gone_ends_and_nobody_else_suffers() -> None:
    gone, quick = ScriptedFollower(takes=fails), ScriptedFollower()

    assert fan_out(frame(), [gone, quick]) == 1
    assert gone.is_lost
    assert (gone.queued, gone.closed) == ([], [])
    assert len(quick.sent) == 1
