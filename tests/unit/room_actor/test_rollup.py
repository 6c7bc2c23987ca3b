"""Pieces of a reply become deltas: the first at once, then what can be read in a window, and what ends a sentence."""

import pytest

from room_actor.events import Cue
from room_actor.rollup import STOP_S, WINDOW_S, Delta, RollUp


def let_out(reply: RollUp, now_s: float) -> list[tuple[float, Delta]]:
    """All that leaves by time alone, and when."""
    out: list[tuple[float, Delta]] = []
    while (due_s := reply.due_s()) is not None:
        now_s = max(now_s, due_s)
        out += [(now_s, delta) for delta in reply.take(now_s)]
    return out


# -- as it comes ----------------------------------------------------------------------------------------


def test_the_first_piece_leaves_at_once_and_the_next_waits_for_the_window() -> None:
    reply = RollUp()
    assert reply.due_s() is None
    reply.add_text("네", 10.0)
    assert reply.due_s() == 0.0
    assert reply.take(10.0) == [Delta(0, "네")]
    assert reply.due_s() is None
    reply.add_text(", ", 10.0)
    reply.add_text("그래요", 10.0)
    assert reply.due_s() == 10.0 + WINDOW_S
    assert reply.take(10.0 + WINDOW_S) == [Delta(1, ", 그래요")]


def test_nothing_is_taken_twice() -> None:
    reply = RollUp()
    reply.add_text("네", 0.0)
    assert reply.take(0.0)
    assert reply.take(1.0) == []


def test_positions_count_code_points() -> None:
    reply = RollUp()
    reply.add_text("😭힘", 0.0)
    reply.take(0.0)
    reply.add_text("내요", 0.0)
    assert reply.take(1.0) == [Delta(2, "내요")]


def test_every_cue_travels_once_and_keeps_its_place() -> None:
    reply = RollUp()
    nod, smile, sad = Cue("nod", 0), Cue("smile", 1), Cue("sad", 2)
    reply.add_cue(nod)
    assert reply.take(0.0) == [Delta(0, "", nod)]
    reply.add_text("네.", 0.0)
    reply.add_cue(smile)
    reply.add_cue(sad)
    assert reply.take(1.0) == [Delta(0, "네.", smile), Delta(2, "", sad)]
    assert reply.sent_cues == (nod, smile, sad)


def test_what_was_sent_lags_behind_what_was_taken_in() -> None:
    reply = RollUp()
    reply.add_text("네", 0.0)
    reply.take(0.0)
    reply.add_text(", 그래요", 0.0)
    reply.add_cue(Cue("nod", 1))
    assert (reply.sent_text, reply.sent_cues) == ("네", ())
    assert reply.text == "네, 그래요"
    assert reply.has_unsent


# -- at a reader's pace ---------------------------------------------------------------------------------


def test_words_that_come_at_once_leave_as_fast_as_people_read() -> None:
    reply = RollUp(chars_per_s=10)
    reply.add_text("가" * 101, 5.0)
    reply.complete()
    out = let_out(reply, 5.0)
    assert out[0] == (5.0, Delta(0, "가")), "the first at once"
    assert out[-1][0] == pytest.approx(15.0), "a hundred more at ten a second"
    assert reply.is_over


def test_at_a_quick_pace_several_leave_in_a_window() -> None:
    reply = RollUp(chars_per_s=100)
    reply.add_text("가" * 101, 0.0)
    out = let_out(reply, 0.0)
    assert len(out) <= 2 + 1.0 / WINDOW_S
    assert {len(delta.text) for _, delta in out[1:-1]} <= {3, 4, 5}
    assert out[-1][0] == pytest.approx(1.0, abs=2 * WINDOW_S)


def test_words_that_come_slower_pass_as_they_come_and_silence_is_not_made_up_for() -> None:
    reply = RollUp(chars_per_s=10)
    for second in range(5):
        reply.add_text("네", float(second))
        assert [delta.text for delta in reply.take(float(second))] == ["네"]
    reply.add_text("그래요. 저도요", 60.0)
    assert [(at_s, delta.text) for at_s, delta in let_out(reply, 60.0)] == [
        (pytest.approx(60.3), "그래요."),
        (pytest.approx(60.7), " 저도요"),
    ]


def test_a_cue_leaves_with_the_words_before_it() -> None:
    nod, smile = Cue("nod", 0), Cue("smile", 3)
    reply = RollUp(chars_per_s=10)
    reply.add_cue(nod)
    reply.add_text("그래요", 0.0)
    reply.add_cue(smile)
    out = let_out(reply, 0.0)
    assert [(round(at_s, 1), delta.cue) for at_s, delta in out if delta.cue] == [(0.0, nod), (0.2, smile)]
    assert [delta.text for _, delta in out] == ["그", "래요"]


def test_the_first_word_follows_a_first_cue_as_soon_as_it_may() -> None:
    reply = RollUp(chars_per_s=10)
    reply.add_cue(Cue("nod", 0))
    assert reply.take(5.0) == [Delta(0, "", Cue("nod", 0))]
    reply.add_text("그래요. 저도요", 5.0)
    assert [round(at_s - 5.0, 2) for at_s, _ in let_out(reply, 5.0)] == [WINDOW_S, 0.4, 0.7]


def test_a_cue_beyond_the_end_leaves_with_the_last_word() -> None:
    reply = RollUp(chars_per_s=10)
    reply.add_text("네", 0.0)
    reply.add_cue(Cue("nod", 9))
    assert [delta.cue for _, delta in let_out(reply, 0.0)] == [None]
    reply.complete()
    assert [delta for _, delta in let_out(reply, 1.0)] == [Delta(1, "", Cue("nod", 9))]


@pytest.mark.parametrize("one", ["👩‍❤️‍👨", "👍🏽", "한", "1️⃣"])
def test_what_people_see_as_one_is_not_taken_apart(one: str) -> None:
    reply = RollUp(chars_per_s=10)
    reply.add_text(one + "네", 0.0)
    assert [delta.text for _, delta in let_out(reply, 0.0)] == [one, "네"]


# -- stopped --------------------------------------------------------------------------------------------


def stopped(text: str, sent: int, *, at_sentence_end: bool = True) -> RollUp:
    """A reply that is stopped when so many characters have left."""
    reply = RollUp(chars_per_s=10)
    reply.add_text(text, 0.0)
    for n in range(sent):
        reply.take(n / 10 + 0.001)
    reply.stop(sent / 10, at_sentence_end=at_sentence_end)
    return reply


@pytest.mark.parametrize(
    ("text", "sent", "said"),
    [
        ("그래요. 저도요. 끝.", 2, "그래요."),
        ("그래요. 저도요. 끝.", 4, "그래요."),
        ("그래요. 저도요. 끝.", 5, "그래요. "),
        ("그래요. 저도요. 끝.", 6, "그래요. 저도요."),
        ("정말요?! 네.", 1, "정말요?!"),
        ("음… 글쎄요~ 그건", 4, "음… 글쎄요~"),
        ("3.5년이요. 네", 1, "3.5년이요."),
        ('"보고 싶어." 라고요', 1, '"보고 싶어."'),
        ("그렇지 뭐\n다음은", 1, "그렇지 뭐"),
        ("끝이 없는 말", 3, "끝이 "),
        ("다 말했어요.", 3, "다 말했어요."),
    ],
)
def test_it_ends_with_the_sentence_that_has_begun(text: str, sent: int, said: str) -> None:
    reply = stopped(text, sent)
    let_out(reply, sent / 10)
    assert reply.is_over
    assert reply.text == reply.sent_text
    assert reply.sent_text.rstrip("\n") == said.rstrip("\n")


def test_the_rest_of_a_long_sentence_leaves_in_time() -> None:
    reply = stopped("가" * 300 + ". 그리고", 10)
    out = let_out(reply, 1.0)
    assert reply.sent_text.endswith("가.")
    assert out[-1][0] <= 1.0 + STOP_S


def test_it_can_end_where_it_stands() -> None:
    reply = stopped("그래요. 저도요.", 2, at_sentence_end=False)
    assert reply.is_over
    assert reply.sent_text == "그래"


def test_what_comes_after_the_stop_changes_nothing() -> None:
    reply = stopped("그래요. 저도요.", 2)
    reply.add_text("너무 늦게", 1.0)
    reply.add_cue(Cue("nod", 1))
    let_out(reply, 1.0)
    assert (reply.sent_text, reply.sent_cues) == ("그래요.", ())


def test_only_the_cues_of_what_was_said_are_kept() -> None:
    reply = RollUp(chars_per_s=10)
    reply.add_text("그래요. 저도요.", 0.0)
    for cue in (Cue("nod", 0), Cue("smile", 4), Cue("sad", 9)):
        reply.add_cue(cue)
    reply.take(0.0)
    reply.stop(0.0, at_sentence_end=True)
    let_out(reply, 0.0)
    assert reply.sent_cues == (Cue("nod", 0), Cue("smile", 4))
