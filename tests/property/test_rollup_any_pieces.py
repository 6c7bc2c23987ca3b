"""However a reply comes in and whenever deltas leave: joined they are the reply, and no cue is lost or doubled."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from room_actor.events import Cue
from room_actor.rollup import WINDOW_S, Delta, RollUp

pieces = st.lists(
    st.text("가나 😭\u0301", max_size=5)
    | st.builds(Cue, st.sampled_from(["nod", "smile", "sad"]), st.integers(0, 50))
    | st.floats(0, 0.1),  # seconds that pass
    max_size=40,
)


def speak(script: list[str | Cue | float]) -> tuple[RollUp, list[tuple[float, list[Delta]]]]:
    """Takes whenever it is due, as the speaker does, and once more at the end."""
    reply, now_s, taken = RollUp(), 100.0, []
    for piece in [*script, 0.0]:
        match piece:
            case str():
                reply.add_text(piece)
            case Cue():
                reply.add_cue(piece)
            case _:
                now_s += piece
        due_s = reply.due_s()
        if due_s is not None and due_s <= now_s:
            taken.append((now_s, reply.take(now_s)))
    taken.append((now_s, reply.take(now_s)))
    return reply, taken


@given(pieces)
def test_deltas_joined_are_the_reply(script: list[str | Cue | float]) -> None:
    reply, taken = speak(script)
    text, cues = "", []
    for _, deltas in taken:
        for delta in deltas:
            assert delta.at == len(text)
            text += delta.text
            cues += [delta.cue] if delta.cue else []
    assert text == reply.text == reply.sent_text == "".join(p for p in script if isinstance(p, str))
    assert cues == list(reply.sent_cues) == [p for p in script if isinstance(p, Cue)]
    assert not reply.has_unsent


@given(pieces)
def test_no_delta_is_empty_and_only_the_end_comes_before_its_window(script: list[str | Cue | float]) -> None:
    _, taken = speak(script)
    assert all(delta.text or delta.cue for _, deltas in taken for delta in deltas)
    times = [now_s for now_s, _ in taken[:-1]]
    assert all(later - earlier >= WINDOW_S * 0.999 for earlier, later in pairwise(times))
