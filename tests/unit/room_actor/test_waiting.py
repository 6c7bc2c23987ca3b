"""Who waits: classes, places, groups, what gives way, and that a checkpoint holds all of it."""

import msgspec

from room_actor.events import Reason
from room_actor.waiting import OWN_KEPT, PROMISED, RECENT_KEPT, VIEWERS_KEPT, WAITING_KEPT, Line, Waiting
from store.ids import PersonaId, Seq, ViewerId

HONG = PersonaId("hong")
NAMES = {HONG: "홍세현", PersonaId("oh"): "오율"}


def line(seq, viewer="v1", text="오늘 처음 왔어요", at_ms=0, amount=0):
    return Line(Seq(seq), ViewerId(viewer), "닉", text, at_ms, amount)


def waiting(*lines):
    those = Waiting()
    for one in lines:
        those.add(one, names=NAMES)
    return those


def answered(*seqs, why="talk"):
    return [Reason(Seq(seq), why, 0) for seq in seqs]


def word(number):
    """Letters that have nothing in common with another number's."""
    return "".join(chr(0xAC00 + (number * 7919 + at * 104_729) % 11_172) for at in range(8))


def test_a_line_has_the_first_class_that_fits():
    those = waiting(
        line(1, "v1", "세현언니 고백해도 될까요", amount=1000),
        line(2, "v2", "세현언니 고백해도 될까요"),
        line(3, "v3", "세현언니 최고"),
        line(4, "v4", "오늘 처음 왔어요"),
    )
    assert [item.why for item in those.items.values()] == ["paid", "question", "mention", "talk"]
    assert [item.line.to for item in those.items.values()] == [HONG, HONG, HONG, None]


def test_what_waits_can_be_looked_up():
    those = waiting(line(1), line(2))
    assert len(those) == 2
    assert Seq(1) in those
    assert Seq(3) not in those
    assert those.get(Seq(2)).seq == 2
    assert those.get(Seq(3)) is None


def test_lines_that_ask_the_same_make_a_group_and_viewers_count_once():
    those = waiting(
        line(1, "v1", "전남친 연락 왔는데 받아도 되나요"),
        line(2, "v2", "전남친한테 연락왔는데 받아도 돼요??"),
        line(3, "v2", "전남친 연락왔는데 받아도 되나요ㅠㅠ"),
        line(4, "v3", "전여친 연락 왔는데 받아도 되나요"),
    )
    assert list(those.members(Seq(1))) == [1, 2, 3]
    assert those.people(Seq(1)) == 2
    assert those.people(Seq(4)) == 1


def test_who_addresses_another_persona_asks_something_else():
    those = waiting(line(1, "v1", "세현언니 고백해도 될까요"), line(2, "v2", "오율 고백해도 될까요"))
    assert those.items[Seq(2)].group == 2


def test_an_answer_takes_all_that_ask_the_same():
    those = waiting(*(line(seq, f"v{seq}", "고백해도 되나요") for seq in range(1, 41)), line(50, "v50"))
    those.asked([Reason(Seq(7), "question", 0, alike=(Seq(1),), people=40)], now_ms=5)
    assert list(those.items) == [50]
    assert set(those.answered_ms) == {f"v{seq}" for seq in range(1, 41)}


def test_every_payment_is_answered_by_itself():
    those = waiting(
        *(line(seq, f"v{seq}", "고백해도 되나요", amount=1000) for seq in (1, 2)),
        line(3, "v3", "고백해도 되나요"),
    )
    assert [item.group for item in those.items.values()] == [1, 2, 3]
    assert those.group_like(those.get(Seq(2))) == 3


def test_a_viewer_has_one_place_in_a_class_and_loses_it_by_an_answer():
    those = waiting(line(1, "v1", word(1)), line(2, "v1", word(2)), line(3, "v2", word(3)))
    assert list(those.places["talk"]) == ["v1", "v2"]
    those.asked(answered(2), now_ms=9)
    assert list(those.places["talk"].items()) == [("v2", 3), ("v1", 3)]
    those.asked(answered(1), now_ms=10)
    assert list(those.places["talk"]) == ["v2"]


def test_an_answer_to_one_class_moves_the_places_in_all_free_ones_but_not_the_payers():
    those = waiting(
        line(1, "v1", word(1)),
        line(2, "v1", "세현 " + word(2)),
        line(3, "v1", word(3), amount=500),
        line(4, "v2", word(4)),
        line(5, "v1", word(5)),
    )
    those.asked(answered(2, why="mention"), now_ms=9)
    assert list(those.places["talk"]) == ["v2", "v1"]
    assert list(those.places["paid"].items()) == [("v1", 3)]


def test_the_rota_passes_over_classes_without_anybody():
    those = waiting(line(1, "v1", word(1)), line(2, "v2", word(2)))
    those.asked(answered(1), now_ms=1)
    assert those.rota_at == 4
    those.asked(answered(2), now_ms=2)
    assert those.rota_at == 4


def test_a_wish_moves_neither_the_rota_nor_the_count_of_paid_turns():
    those = waiting(line(1), line(2, "v2", word(2), amount=5), line(3, "v3", word(3)))
    those.asked(answered(2, why="paid"), now_ms=1)
    those.asked(answered(1, why="wish"), now_ms=2)
    assert (those.rota_at, those.paid_run, those.paid_turns) == (0, 1, 1)
    those.asked(answered(3), now_ms=3)
    assert those.paid_run == 0


def test_a_turn_without_lines_or_with_unknown_ones_changes_nobody():
    those = waiting(line(1))
    before = msgspec.json.encode(those)
    those.asked([], now_ms=1)
    assert msgspec.json.encode(those) == before
    those.asked(answered(99, why="wish"), now_ms=1)
    assert Seq(1) in those


def test_what_is_forgotten_waits_no_longer_and_the_group_stays():
    those = waiting(*(line(seq, f"v{seq}", "고백해도 되나요") for seq in (1, 2)))
    those.forget(Seq(1))
    those.forget(Seq(1))
    those.add(line(3, "v3", "고백해도 돼요?"), names=NAMES)
    assert list(those.members(Seq(1))) == [2, 3]
    assert list(those.places["question"]) == ["v2", "v3"]


def test_nobody_waits_when_all_is_cleared():
    those = waiting(*(line(seq, f"v{seq}", "고백해도 되나요") for seq in (1, 2)), line(3, "v3", amount=5))
    those.asked(answered(1), now_ms=3)
    those.clear()
    assert len(those) == 0
    assert not any(those.places.values())
    assert set(those.answered_ms) == {"v1", "v2"}


def test_a_viewers_own_flood_gives_way_first():
    those = waiting(
        line(1, "v2", word(1)), *(line(seq, "v1", word(seq)) for seq in range(2, 2 + 3 * OWN_KEPT))
    )
    mine = list(those.own(ViewerId("v1"), "talk"))
    assert len(mine) == OWN_KEPT
    assert mine[0] == 2  # the one that holds the place
    assert mine[1:] == list(range(2 + 2 * OWN_KEPT + 1, 2 + 3 * OWN_KEPT))
    assert Seq(1) in those


def test_when_it_is_full_second_lines_go_before_first_ones():
    those = Waiting()
    for seq in range(1, WAITING_KEPT + 1):
        those.add(line(seq, f"v{seq % (WAITING_KEPT - 10)}", word(seq)), names=NAMES)
    for seq in range(WAITING_KEPT + 1, WAITING_KEPT + 11):
        those.add(line(seq, f"w{seq}", word(seq)), names=NAMES)
    assert len(those) == WAITING_KEPT == len(those.places["talk"])


def test_a_flood_of_viewers_pushes_nobody_out_who_has_a_promised_place():
    those = Waiting()
    for seq in range(1, 2 * WAITING_KEPT):
        those.add(line(seq, f"v{seq}", word(seq)), names=NAMES)
    assert len(those) == WAITING_KEPT
    assert list(those.items)[: PROMISED + 1] == [*range(1, PROMISED + 1), WAITING_KEPT + PROMISED]
    assert list(those.items)[-1] == 2 * WAITING_KEPT - 1  # the newest are there


def test_talk_gives_way_before_questions_and_payers_stay():
    those = waiting(*(line(seq, f"v{seq}", word(seq), amount=1) for seq in range(1, 1 + PROMISED)))
    for seq in range(1_000, 1_000 + WAITING_KEPT):
        those.add(line(seq, f"v{seq}", word(seq) + "?"), names=NAMES)
    for seq in range(9_000, 9_000 + WAITING_KEPT):
        those.add(line(seq, f"v{seq}", word(seq)), names=NAMES)
    assert len(those) == WAITING_KEPT
    assert {why: len(places) for why, places in those.places.items()} == {
        "paid": PROMISED,
        "question": WAITING_KEPT - 2 * PROMISED,
        "mention": 0,
        "talk": PROMISED,
    }


def test_of_payers_only_the_least_gives_way():
    those = Waiting()
    for seq in range(1, WAITING_KEPT + 2):
        those.add(line(seq, f"v{seq}", word(seq), amount=100 if seq == 777 else 500), names=NAMES)
    assert len(those) == WAITING_KEPT
    assert Seq(777) not in those


def test_it_is_known_that_the_same_was_answered_a_moment_ago():
    those = waiting(line(1, "v1", "고백해도 되나요"))
    those.asked(answered(1, why="question"), now_ms=500)
    those.add(line(2, "v2", "고백해도 될까요?"), names=NAMES)
    those.add(line(3, "v3", "결혼해도 될까요?"), names=NAMES)
    assert [item.told_ms for item in those.items.values()] == [500, 0]


def test_who_joins_a_group_is_as_new_as_its_first_line():
    those = waiting(line(1, "v1", "고백해도 되나요"))
    those.asked(answered(1, why="question"), now_ms=500)
    for seq, viewer in ((2, "v2"), (3, "v3")):
        those.add(line(seq, viewer, "고백해도 될까요?"), names=NAMES)
    those.forget(Seq(2))
    those.add(line(4, "v4", "고백해도 될까요ㅠ"), names=NAMES)
    assert {(item.group, item.told_ms) for item in those.items.values()} == {(2, 500)}


def test_of_viewers_with_as_many_lines_the_one_with_the_least_name_gives_way():
    those = Waiting()
    for seq in range(1, WAITING_KEPT + 1):
        those.add(line(seq, f"v{(WAITING_KEPT - seq) % (WAITING_KEPT // 2):04}", word(seq)), names=NAMES)
    those.add(line(9_000, "w", word(9_000)), names=NAMES)
    those.add(line(9_001, "w", word(9_001)), names=NAMES)
    assert [len(list(those.own(ViewerId(f"v{number:04}"), "talk"))) for number in range(4)] == [1, 1, 2, 2]


def test_memory_of_what_was_is_bounded():
    those = Waiting()
    for seq in range(1, VIEWERS_KEPT + 100):
        those.add(line(seq, f"v{seq}", word(seq)), names=NAMES)
        those.asked(answered(seq), now_ms=seq)
    assert len(those.answered_ms) == VIEWERS_KEPT
    assert ViewerId("v1") not in those.answered_ms
    assert len(those.told) == RECENT_KEPT
