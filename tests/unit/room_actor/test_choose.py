"""Whom a persona answers next, and why."""

from dataclasses import replace

import pytest

from room_actor.choose import SHOWN, choose, has_paid, outlook
from room_actor.knobs import Knobs
from room_actor.waiting import PROMISED, Line, Waiting
from store.ids import PersonaId, Seq, ViewerId

HONG, OH = PersonaId("hong"), PersonaId("oh")
NAMES = {HONG: "홍세현", OH: "오율"}
KNOBS = Knobs()


def word(number):
    """Letters that have nothing in common with another number's."""
    return "".join(chr(0xAC00 + (number * 7919 + at * 104_729) % 11_172) for at in range(8))


def line(seq, text="", viewer="", at_s=0, amount=0):
    return Line(Seq(seq), ViewerId(viewer or f"v{seq}"), "닉", text or word(seq), at_s * 1_000, amount)


def waiting(*lines):
    those = Waiting()
    for one in lines:
        those.add(one, names=NAMES)
    return those


def chosen(those, now_s=0, persona=None, **turned):
    choice = choose(those, knobs=replace(KNOBS, **turned), persona=persona, now_ms=now_s * 1_000)
    return [one.seq for one in choice.lines] if choice else []


def turn(those, now_s=0, **turned):
    """Who is answered, and no longer waits then."""
    choice = choose(those, knobs=replace(KNOBS, **turned), persona=None, now_ms=now_s * 1_000)
    if choice is None:
        return []
    those.asked(choice.reasons, now_ms=now_s * 1_000)
    return [one.seq for one in choice.lines]


def test_nobody_is_chosen_when_nobody_waits():
    assert choose(Waiting(), knobs=KNOBS, persona=None, now_ms=0) is None


def test_choosing_changes_nothing():
    those = waiting(line(1), line(2, "받아도 되나요"), line(3, amount=5))
    assert chosen(those, 5) == chosen(those, 5)


def test_paid_come_first_then_questions_then_who_addresses_a_persona_then_talk():
    those = waiting(line(1), line(2, "세현 " + word(2)), line(3, word(3) + "?"), line(4, amount=1_000))
    assert chosen(those, width=4) == [4, 3, 2, 1]


def test_a_turn_has_as_many_lines_as_it_is_wide():
    those = waiting(*(line(seq) for seq in range(1, 10)))
    assert [len(chosen(those, width=width)) for width in (1, 3, 8)] == [1, 3, 8]


def test_every_choice_says_why():
    those = waiting(line(1, "고백해도 되나요"), line(2, "고백해도 돼요??", at_s=5), line(3, at_s=60))
    choice = choose(those, knobs=KNOBS, persona=None, now_ms=70_000)
    first, second = choice.reasons
    assert choice.why == "question"
    assert (first.of, first.why, first.waited_s, first.people, first.is_first) == (1, "question", 70, 2, True)
    assert first.alike == (2,)
    assert (second.of, second.why, second.waited_s, second.alike, second.people) == (3, "talk", 10, (), 1)


def test_many_who_ask_the_same_are_answered_once_and_twenty_of_them_shown():
    those = waiting(*(line(seq, "고백해도 되나요") for seq in range(1, 51)))
    choice = choose(those, knobs=KNOBS, persona=None, now_ms=0)
    assert len(choice.lines) == 1
    assert choice.reasons[0].people == 50
    assert len(choice.reasons[0].alike) == SHOWN
    those.asked(choice.reasons, now_ms=0)
    assert len(those) == 0


def test_a_payer_is_answered_with_all_who_ask_the_same_for_nothing():
    those = waiting(
        *(line(seq, "고백해도 되나요") for seq in (1, 2)), line(3, "고백해도 될까요", amount=500), line(4)
    )
    choice = choose(those, knobs=KNOBS, persona=None, now_ms=0)
    assert choice.reasons[0].of == 3
    assert choice.reasons[0].alike == (1, 2)
    assert choice.reasons[0].people == 3


def test_a_slot_is_not_spent_on_what_a_payer_in_the_same_turn_asks():
    those = waiting(line(1, "고백해도 되나요"), line(2, "고백해도 될까요", amount=500), line(3))
    assert chosen(those) == [2, 3]


def test_who_was_never_answered_is_ahead():
    those = waiting(line(1, viewer="old"))
    turn(those)
    those.add(line(2, viewer="first"), names=NAMES)
    those.add(line(3, viewer="old", at_s=0), names=NAMES)
    those.add(line(4, viewer="new", at_s=30), names=NAMES)
    assert chosen(those, 300) == [2, 4, 3]
    assert chosen(those, 300, newcomer_bonus_s=0) == [2, 3, 4]
    reasons = choose(those, knobs=KNOBS, persona=None, now_ms=300_000).reasons
    assert [reason.is_first for reason in reasons] == [True, True, False]


def test_who_was_answered_a_moment_ago_gives_way():
    those = waiting(line(1, viewer="old"))
    turn(those)
    for one in (line(2), line(3, viewer="old", text="받아도 되나요"), line(4, at_s=50), line(5, at_s=55)):
        those.add(one, names=NAMES)
    assert chosen(those, 60, width=4)[1:] == [2, 4, 5]  # the first slot is the question's turn
    assert chosen(those, 130, width=4, newcomer_bonus_s=0)[1] != 5


def test_what_was_answered_a_moment_ago_gives_way():
    those = waiting(line(1, "고백해도 되나요"))
    turn(those, 1)
    those.add(line(2, "결혼해도 되나요"), names=NAMES)
    those.add(line(3, "고백해도 될까요"), names=NAMES)
    those.add(line(4), names=NAMES)
    assert chosen(those, 10) == [2, 4, 3]
    assert chosen(those, 1_000) == [2, 3, 4]


def test_a_long_wait_alone_does_not_make_the_most_worthy():
    """Who waits longest comes by place."""
    those = waiting(
        line(1), line(2), line(3, "고백해도 될까", at_s=900), line(4, "고백해도 되나요", at_s=900)
    )
    assert chosen(those, 1_000) == [3, 1, 2]
    assert chosen(those, 1_180) == [3, 1, 2]
    those = waiting(
        line(1, "오늘 어때?"),
        line(2),
        line(3, "고백해도 될까?", at_s=900),
        line(4, "고백해도 될까?", at_s=900),
    )
    assert chosen(those, 1_180, width=2) == [1, 3]


def test_several_lines_of_one_viewer_come_after_other_viewers():
    those = waiting(line(1, viewer="a"), line(2, viewer="a"), line(3, viewer="b", at_s=9))
    assert chosen(those, 10) == [1, 3, 2]


def test_old_lines_are_answered_no_longer_unless_they_were_paid():
    those = waiting(line(1), line(2, at_s=50), line(3, amount=10))
    assert chosen(those, 1_200) == [3, 1, 2]
    assert chosen(those, 1_201) == [3, 2]
    assert chosen(those, 9_999) == [3]


def test_who_has_one_place_does_not_hold_it_for_a_line_that_is_too_old():
    those = waiting(line(1, viewer="a"), line(2, viewer="a", at_s=600), line(3, viewer="b", at_s=601))
    assert chosen(those, 1_500, width=1) == [2]


def test_a_line_that_addresses_another_persona_is_not_for_this_one():
    those = waiting(line(1, "세현 " + word(1)), line(2, "오율 " + word(2)), line(3))
    assert chosen(those, persona=HONG) == [1, 3]
    assert chosen(those, persona=OH) == [2, 3]
    assert choose(those, knobs=KNOBS, persona=OH, now_ms=0).to == OH


def test_the_first_who_addresses_a_persona_decides_for_the_turn():
    those = waiting(line(1, "세현 " + word(1)), line(2, "오율 " + word(2)), line(3))
    choice = choose(those, knobs=KNOBS, persona=None, now_ms=0)
    assert [one.seq for one in choice.lines] == [1, 3]
    assert choice.to == HONG
    assert choose(waiting(line(3)), knobs=KNOBS, persona=None, now_ms=0).to is None


def test_payers_do_not_starve_the_others():
    those = waiting(line(1), *(line(seq, amount=1_000) for seq in range(2, 50)))
    firsts = [turn(those, paid_in_a_row=2)[0] for _ in range(3)]
    assert firsts == [2, 5, 1]


def test_payers_are_answered_all_the_time_when_nobody_else_waits():
    those = waiting(*(line(seq, amount=1_000) for seq in range(1, 31)))
    assert all(len(turn(those, paid_in_a_row=1)) == 3 for _ in range(10))
    assert not has_paid(those)


def test_a_large_payment_is_answered_soon_and_the_small_ones_in_their_order():
    those = waiting(*(line(seq, amount=1_000) for seq in range(1, 10)), line(10, amount=100_000, at_s=9))
    assert turn(those, 10) == [1, 10, 2]
    assert turn(those, 10) == [3, 4, 5]


def test_large_payments_do_not_starve_a_small_one():
    those = waiting(*(line(seq, amount=1_000_000) for seq in range(1, 4)), line(4, amount=1, at_s=1))
    seq, answered, turns = 5, [], 0
    while 4 not in answered:
        for _ in range(3):
            those.add(line(seq, amount=1_000_000, at_s=2), names=NAMES)
            seq += 1
        answered += turn(those, 3)
        turns += 1
    assert turns <= 4


def test_of_a_width_of_one_every_second_payer_is_the_most_worthy():
    those = waiting(*(line(seq, amount=1_000) for seq in range(1, 5)), line(5, amount=50_000))
    assert [turn(those, width=1, paid_in_a_row=9)[0] for _ in range(3)] == [1, 5, 2]


def test_each_class_has_its_turn():
    lines = [line(seq, word(seq) + "?") for seq in range(1, 30)]
    lines += [line(seq, "세현 " + word(seq)) for seq in range(31, 60)] + [line(seq) for seq in range(61, 90)]
    those = waiting(*lines)
    whys = []
    for _ in range(7):
        choice = choose(those, knobs=replace(KNOBS, width=1), persona=None, now_ms=0)
        those.asked(choice.reasons, now_ms=0)
        whys.append(choice.why)
    assert (whys.count("question"), whys.count("mention"), whys.count("talk")) == (4, 2, 1)


def test_the_outlook_tells_every_line_that_can_be_answered():
    those = waiting(
        line(1, "고백해도 되나요"),
        line(2, "고백해도 돼요"),
        line(3, at_s=1_000),
        line(4, viewer="v3", at_s=1_000),
    )
    told = outlook(those, knobs=KNOBS, now_ms=1_201_000)
    assert [(one.line.seq, one.why, one.waited_s, one.people) for one in told] == [
        (3, "talk", 201, 1),
        (4, "talk", 201, 1),
    ]
    assert told[0].within_turns > 0
    assert told[1].within_turns == 0  # the viewer has an earlier one


def test_the_outlook_promises_nothing_to_who_may_be_pushed_out():
    those = waiting(*(line(seq) for seq in range(1, PROMISED + 3)))
    told = [one.within_turns for one in outlook(those, knobs=KNOBS, now_ms=0)]
    assert all(told[:PROMISED])
    assert told[PROMISED:] == [0, 0]


@pytest.mark.parametrize(
    ("run", "width", "within"), [(0, 3, [1, 2, 4, 5, 7]), (2, 3, [2, 3, 5, 6, 8]), (0, 1, [2, 5, 8, 11, 14])]
)
def test_the_outlook_of_payers_knows_the_turns_of_the_others(run, width, within):
    those = waiting(*(line(seq, amount=5) for seq in range(1, 6)))
    those.paid_run = run
    told = outlook(those, knobs=replace(KNOBS, width=width, paid_in_a_row=2), now_ms=0)
    assert [one.within_turns for one in told] == within
