"""However a reply comes in and whenever deltas leave: joined they are the reply, and no cue is lost or doubled."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from room_actor.events import Cue
from room_actor.rollup import STOP_S, WINDOW_S, Delta, RollUp

pieces = st.lists(
    st.text("가나 .😭\u0301", max_size=5)
    | st.builds(Cue, st.sampled_from(["nod", "smile", "sad"]), st.integers(0, 50))
    | st.floats(0, 0.1),  # seconds that pass
    max_size=40,
)
paces = st.sampled_from([0.0, 1.0, 14.0, 60.0])
Taken = list[tuple[float, list[Delta]]]


def speak(
    script: list[str | Cue | float], chars_per_s: float, stops_at: int | None = None
) -> tuple[RollUp, Taken]:
    """Takes whenever it is due, as the speaker does, and what is left at the end. stops_at: the piece before which it
    is stopped."""
    reply, now_s, taken = RollUp(chars_per_s=chars_per_s), 100.0, Taken()

    def take_until(end_s: float) -> None:
        nonlocal now_s
        while (due_s := reply.due_s()) is not None and due_s <= end_s:
            now_s = max(now_s, due_s)
            taken.append((now_s, reply.take(now_s)))
        now_s = max(now_s, min(end_s, now_s + 1))

    for place, piece in enumerate(script):
        if place == stops_at:
            reply.stop(now_s, at_sentence_end=True)
        match piece:
            case str():
                reply.add_text(piece, now_s)
            case Cue():
                reply.add_cue(piece)
            case _:
                take_until(now_s + piece)
    reply.complete()
    while not reply.is_over:
        due_s = reply.due_s()
        assert due_s is not None, "something waits and is never due"
        now_s = max(now_s, due_s)
        taken.append((now_s, reply.take(now_s)))
    return reply, taken


def joined(taken: Taken) -> tuple[str, list[Cue]]:
    text, cues = "", []
    for _, deltas in taken:
        for delta in deltas:
            assert delta.at == len(text)
            text += delta.text
            cues += [delta.cue] if delta.cue else []
    return text, cues


@given(pieces, paces)
def test_deltas_joined_are_the_reply(script: list[str | Cue | float], chars_per_s: float) -> None:
    reply, taken = speak(script, chars_per_s)
    text, cues = joined(taken)
    assert text == reply.text == reply.sent_text == "".join(p for p in script if isinstance(p, str))
    assert cues == list(reply.sent_cues) == [p for p in script if isinstance(p, Cue)]


@given(pieces, paces, st.integers(0, 40))
def test_a_reply_that_is_stopped_is_what_left_and_the_beginning_of_what_came(
    script: list[str | Cue | float], chars_per_s: float, stops_at: int
) -> None:
    reply, taken = speak(script, chars_per_s, stops_at)
    text, cues = joined(taken)
    assert text == reply.text == reply.sent_text
    assert cues == list(reply.sent_cues)
    assert "".join(p for p in script if isinstance(p, str)).startswith(text)


@given(st.text("가나다", min_size=1, max_size=400), st.integers(0, 60), st.sampled_from([0.5, 14.0, 60.0]))
def test_a_sentence_that_has_begun_ends_in_time_however_long(
    text: str, sent: int, chars_per_s: float
) -> None:
    reply, now_s = RollUp(chars_per_s=chars_per_s), 100.0
    reply.add_text(text + ". " + text, now_s)
    for _ in range(sent):
        now_s = max(now_s, reply.due_s() or now_s)
        reply.take(now_s)
    reply.stop(now_s, at_sentence_end=True)
    end_s = now_s
    while not reply.is_over:
        end_s = max(end_s, reply.due_s() or end_s)
        reply.take(end_s)
    assert end_s <= now_s + STOP_S
    assert (text + ". " + text).startswith(reply.sent_text)
    assert len(reply.sent_text) > len(text), "the first sentence is whole"


@given(pieces, paces)
def test_no_delta_is_empty_and_none_comes_before_its_window(
    script: list[str | Cue | float], chars_per_s: float
) -> None:
    _, taken = speak(script, chars_per_s)
    assert all(deltas and (delta.text or delta.cue) for _, deltas in taken for delta in deltas)
    times = [now_s for now_s, _ in taken]
    assert all(later - earlier >= WINDOW_S * 0.999 for earlier, later in pairwise(times))


@given(st.text("가나다", min_size=1, max_size=200), st.sampled_from([1.0, 14.0, 60.0]))
def test_what_comes_at_once_is_never_faster_than_its_pace(text: str, chars_per_s: float) -> None:
    _, taken = speak([text], chars_per_s)
    for now_s, deltas in taken:
        out = deltas[-1].at + len(deltas[-1].text)
        assert out <= 1 + (now_s - taken[0][0]) * chars_per_s + 1e-6
    assert len(taken) > 1 or len(text) == 1
