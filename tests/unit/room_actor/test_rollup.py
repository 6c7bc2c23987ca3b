"""Pieces of a reply become deltas: the first at once, then what gathers in a window."""

from room_actor.events import Cue
from room_actor.rollup import WINDOW_S, Delta, RollUp


def test_the_first_piece_leaves_at_once_and_the_next_waits_for_the_window() -> None:
    reply = RollUp()
    assert reply.due_s() is None
    reply.add_text("네")
    assert reply.due_s() == 0.0
    assert reply.take(10.0) == [Delta(0, "네")]
    assert reply.due_s() is None
    reply.add_text(", ")
    reply.add_text("그래요")
    assert reply.due_s() == 10.0 + WINDOW_S
    assert reply.take(10.0 + WINDOW_S) == [Delta(1, ", 그래요")]


def test_nothing_is_taken_twice() -> None:
    reply = RollUp()
    reply.add_text("네")
    assert reply.take(0.0)
    assert reply.take(1.0) == []


def test_positions_count_code_points() -> None:
    reply = RollUp()
    reply.add_text("😭힘")
    reply.take(0.0)
    reply.add_text("내요")
    assert reply.take(1.0) == [Delta(2, "내요")]


def test_every_cue_travels_once_and_keeps_its_place() -> None:
    reply = RollUp()
    nod, smile, sad = Cue("nod", 0), Cue("smile", 1), Cue("sad", 2)
    reply.add_cue(nod)
    assert reply.take(0.0) == [Delta(0, "", nod)]
    reply.add_text("네.")
    reply.add_cue(smile)
    reply.add_cue(sad)
    assert reply.take(1.0) == [Delta(0, "네.", smile), Delta(2, "", sad)]
    assert reply.sent_cues == (nod, smile, sad)


def test_what_was_sent_lags_behind_what_was_taken_in() -> None:
    reply = RollUp()
    reply.add_text("네")
    reply.take(0.0)
    reply.add_text(", 그래요")
    reply.add_cue(Cue("nod", 1))
    assert (reply.sent_text, reply.sent_cues) == ("네", ())
    assert reply.text == "네, 그래요"
    assert reply.has_unsent
