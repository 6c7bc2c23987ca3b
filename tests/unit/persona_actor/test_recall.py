from small_pack import MINA, dialogue, pack, recall

from persona_actor.recall import Recall


def test_the_dialogue_with_most_words_in_common_is_nearest() -> None:
    hits = recall().nearest(MINA, "썸남 답장 느려요", 3)
    assert [hit.dialogue.id for hit in hits][:2] == ["m-1", "m-3"]
    assert hits[0].covered == 1.0
    assert hits[0].score > hits[1].score


def test_a_line_without_a_word_in_common_finds_nothing() -> None:
    assert recall().nearest(MINA, "양자역학 입문", 3) == ()


def test_an_unknown_word_lowers_the_share_that_is_covered() -> None:
    (hit, *_) = recall().nearest(MINA, "바람 양자역학", 3)
    assert hit.dialogue.id == "m-2"
    assert 0 < hit.covered < 1


def test_a_topic_named_in_other_words_still_finds_its_dialogues() -> None:
    dialogues = [
        dialogue("d-1", "counsel", "롱디 중이에요", "네.", topic="장거리"),
        dialogue("d-2", "counsel", "고백했어요", "네."),
    ]
    hits = Recall({MINA: pack(dialogues)}, str.split).nearest(MINA, "장거리라서 힘들어요", 3)
    assert [hit.dialogue.id for hit in hits] == ["d-1"]


def test_a_pack_without_questions_finds_nothing() -> None:
    assert recall(pack([])).nearest(MINA, "썸남", 3) == ()


def test_dialogues_of_a_mode_come_in_the_order_of_the_pack() -> None:
    assert [d.id for d in recall().of_mode(MINA, "greeting")] == ["m-4", "m-5"]


def test_a_named_topic_is_answered_on_that_topic_but_may_still_be_declined() -> None:
    dialogues = [
        dialogue("d-1", "counsel", "회사 사람 몰래 만나요", "네.", topic="직장연애"),
        dialogue("d-2", "counsel", "이별 통보 받았어요", "네.", topic="이별"),
        dialogue("d-3", "decline", "몰래 폰 보는 법", "안 돼요.", topic="거절"),
    ]
    hits = recall(pack(dialogues)).nearest(MINA, "이별 뒤에 몰래 폰 보는 법", 3)
    assert [hit.dialogue.id for hit in hits] == ["d-3", "d-2"]
