import pytest
from hypothesis import given
from hypothesis import strategies as st

from persona_actor.express import Shown, Words
from persona_actor.order import Ended, Order, Said
from persona_actor.request import Cue, Delta


def test_the_first_branch_is_heard_at_once() -> None:
    order = Order(["a", "b"])
    assert list(order.put(0, Words("안"))) == [Delta("a", "안")]


def test_a_later_branch_is_kept_until_its_turn_then_heard_whole() -> None:
    order = Order(["a", "b"])
    assert list(order.put(1, Words("둘"))) == []
    assert list(order.put(1, Ended("stop"))) == []
    assert list(order.put(0, Words("하나"))) == [Delta("a", "하나")]
    assert not order.is_complete
    assert list(order.put(0, Ended("stop"))) == [Delta("b", "\n둘")]
    assert order.is_complete
    assert order.text == "하나\n둘"


def test_cues_are_placed_in_the_whole_reply() -> None:
    order = Order(["a", "b"])
    events = [e for said in (Shown("nod", 0), Words("하나"), Ended("stop")) for e in order.put(0, said)]
    events += [
        e
        for said in (Shown("sad", 0), Words("둘"), Shown("smile", 1), Ended("stop"))
        for e in order.put(1, said)
    ]
    assert events == [
        Cue("nod", 0), Delta("a", "하나"), Delta("b", "\n"), Cue("sad", 3), Delta("b", "둘"), Cue("smile", 4),
    ]  # fmt: skip


def test_one_answer_cut_at_its_limit_makes_the_reply_one_that_was_cut() -> None:
    order = Order(["a", "b"])
    for branch, said in ((0, Words("가")), (0, Ended("length")), (1, Words("나")), (1, Ended("stop"))):
        assert list(order.put(branch, said)) is not None
    assert order.reason == "length"


answers = st.lists(
    st.lists(st.text("가나 ", min_size=1, max_size=4), min_size=1, max_size=4), min_size=1, max_size=4
)


@pytest.mark.parametrize("with_cues", [False, True])
@given(answers=answers, dice=st.randoms(use_true_random=False))
def test_however_branches_interleave_the_reply_is_the_same(
    with_cues: bool, answers: list[list[str]], dice: object
) -> None:
    scripts: list[list[Said]] = [
        [*([Shown("nod", 0)] if with_cues else []), *(Words(text) for text in texts), Ended("stop")]
        for texts in answers
    ]
    waiting = [branch for branch, script in enumerate(scripts) for _ in script]
    dice.shuffle(waiting)  # type: ignore[attr-defined]
    order = Order([str(branch) for branch in range(len(answers))])
    events = [event for branch in waiting for event in order.put(branch, scripts[branch].pop(0))]
    assert order.is_complete
    assert order.text == "\n".join("".join(texts) for texts in answers)
    assert "".join(e.text for e in events if isinstance(e, Delta)) == order.text
    assert all(isinstance(e, Cue) or e.text for e in events)
