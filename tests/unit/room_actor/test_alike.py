"""Which lines ask the same."""

import random
import subprocess
import sys

import pytest

from room_actor.alike import ALIKE, CHECKED, Alike, form_of

SAME = [
    ("전남친 연락 왔는데 받아도 되나요", "전남친한테 연락왔는데 받아도 돼요??"),
    ("고백 언제 하는 게 좋을까요", "고백은 언제 하는게 좋아요?"),
    ("카톡 읽씹 당했는데 어떡하죠", "카톡 읽씹당했는데 어떡해요 ㅠㅠ"),
    ("소개팅 애프터 먼저 연락해도 돼요?", "소개팅 애프터 먼저 연락해도 되나요"),
    ("장거리 연애 오래 할 수 있을까요", "장거리연애 오래 할수있나요?"),
    ("썸남이 답장이 늦어요", "썸남 답장이 너무 늦어요 ㅠㅠㅠ"),
    ("헤어진 지 한 달 됐는데 연락해도 될까요", "헤어진지 한달 됐는데 연락해도 되나요??"),
    ("여친 생일 선물 뭐가 좋을까요", "여자친구 생일선물 뭐 좋아요?"),
    ("짝사랑 포기하는 방법 알려주세요", "짝사랑 포기하는 방법좀 알려주세요ㅠ"),
    ("남자친구가 게임만 해요", "남친이 게임만 해요 ㅠㅠㅠㅠ 어떡하죠"),
    ("결혼하자고 먼저 말해도 될까요", "결혼하자고 먼저 말해도 되나?"),
    ("첫 데이트 어디가 좋아요", "첫데이트 어디가 좋을까요?"),
    ("권태기 어떻게 극복해요?", "권태기 어떻게 극복하나요"),
    ("무료 리딩방 들어오세요 수익 300% 보장", "무료 리딩방 들어오세요!! 수익 300% 보장 ㄱㄱ"),
    ("@닉네임 남친이랑 싸웠는데 먼저 사과해야 할까요", "남친이랑 싸웠는데 먼저 사과해야되나요"),
    ("바람핀 남친 용서해도 될까요", "바람핀 남친 용서해도 되나요 진짜"),
    ("군대 간 남친 기다려야 할까요", "군대간 남친 기다려야 하나요?"),
    ("부모님이 반대하는 결혼 해도 될까", "부모님이 반대하는 결혼 해도 되나요"),
    ("회사 동료가 좋아졌어요 어떡하죠", "회사 동료가 좋아졌는데 어떡하죠"),
    ("ㅋㅋㅋㅋㅋㅋ", "ㅋㅋㅋ"),
    ("아아아아", "아아아"),
]

OTHER = [
    ("전남친 연락 왔는데 받아도 되나요", "전여친 연락 왔는데 받아도 되나요"),
    ("전남친 연락 왔는데 받아도 되나요", "남친 연락 왔는데 받아도 되나요"),
    ("남친 생일 선물 추천해 주세요", "여친 생일 선물 추천해 주세요"),
    ("남친이 연락을 안 해요", "남친이 연락을 해요"),
    ("고백해도 될까요", "연락해도 될까요"),
    ("헤어져야 할까요", "결혼해야 할까요"),
    ("먼저 연락해도 되나요", "연락해도 되나요 헤어졌는데"),
    ("안녕하세요", "안녕히 계세요"),
    ("썸녀 생일인데 뭐 하죠", "썸녀가 생일에 뭐 했대요"),
    ("소개팅 어디서 해요", "소개팅 언제 해요"),
    ("어떻게 해야 할까요", "어떻게 잊어야 할까요"),
    ("남친이랑 여행 가도 될까요", "남친이랑 동거 해도 될까요"),
    ("좋아하는 사람이 생겼어요", "좋아하는 사람이 없어졌어요"),
    ("카톡 차단 당했어요", "카톡 차단 했어요 후회돼요"),
    ("나이 차이 12살 괜찮을까요", "키 차이 30cm 괜찮을까요"),
    ("재회할 수 있을까요", "결혼할 수 있을까요"),
    ("여자친구가 화났어요 어떡하죠", "여자친구가 울어요 어떡하죠"),
    ("고백 받았는데 거절하고 싶어요", "고백 했는데 거절당했어요"),
    ("언니 오늘 예뻐요", "언니 오늘 피곤해 보여요"),
    ("첫 데이트 어디가 좋아요", "첫 키스 어디서 하는게 좋아요"),
    ("ㅋㅋㅋㅋ", "ㅠㅠㅠㅠ"),
]


def are_alike(one, other):
    known = Alike()
    known.add(1, form_of(one))
    return known.nearest(form_of(other)) == 1


@pytest.mark.parametrize(("one", "other"), SAME)
def test_the_same_question_in_other_words_is_alike(one, other):
    assert are_alike(one, other)
    assert are_alike(other, one)


@pytest.mark.parametrize(("one", "other"), OTHER)
def test_another_question_in_like_words_is_not(one, other):
    assert not are_alike(one, other)
    assert not are_alike(other, one)


@pytest.mark.parametrize(
    "text", ["", " ", "?", "ㅋ", "가", "🙂🙂", "@누구", "\n", "요", "진짜", "x" * 100_000]
)
def test_any_line_has_a_form_of_bounded_size(text):
    assert 1 <= len(form_of(text).grams) <= 120


def test_lines_of_different_keys_are_never_alike():
    known = Alike()
    known.add(1, form_of("고백해도 되나요"), "hong")
    assert known.nearest(form_of("고백해도 되나요"), "oh") is None
    assert known.nearest(form_of("고백해도 되나요"), "hong") == 1


def test_what_was_removed_is_found_no_longer():
    known = Alike()
    known.add(1, form_of("고백해도 되나요"))
    known.add(2, form_of("고백해도 되나요?"))
    known.remove(1)
    known.remove(7)
    assert known.nearest(form_of("고백해도 되나요")) == 2
    known.remove(2)
    assert known.nearest(form_of("고백해도 되나요")) is None


def test_of_lines_that_are_letter_by_letter_the_same_the_least_name_is_found():
    known = Alike()
    for name in (5, 3, 8):
        known.add(name, form_of("고백해도 되나요"))
    assert known.nearest(form_of("고백해도 되나요")) == 3
    known.remove(3)
    assert known.nearest(form_of("고백해도 되나요?")) == 5


def line(dice):
    words = [
        "고백",
        "연락",
        "남친",
        "썸",
        "카톡",
        "선물",
        "생일",
        "헤어",
        "결혼",
        "데이트",
        "답장",
        "먼저",
        "언제",
        "어디",
    ]
    return " ".join(dice.choice(words) + dice.choice(["", "이", "해도", "하면", "했는데"]) for _ in range(6))


def test_the_index_finds_what_a_comparison_with_all_finds():
    """While no bigram stands in more lines than are compared."""
    dice = random.Random(5)
    known, forms = Alike(), {}
    found = 0
    for name in range(2 * CHECKED):
        form = form_of(line(dice) if name % 2 else line(random.Random(name % 5)))
        shares = {
            other: len(form.grams & had.grams) / len(form.grams | had.grams)
            for other, had in forms.items()
            if had.turns == form.turns
        }
        best = min(
            (other for other in shares if shares[other] >= ALIKE), key=lambda o: (-shares[o], o), default=None
        )
        assert known.nearest(form) == best
        found += best is not None
        known.add(name, form)
        forms[name] = form
    assert found > 5


def test_every_process_finds_the_same():
    """Strings hash differently in each; a new owner must group as the last one did."""
    program = (
        "import random\n"
        "from tests.unit.room_actor.test_alike import Alike, form_of, line\n"
        "dice, known = random.Random(3), Alike()\n"
        "for name in range(600):\n"
        "    form = form_of(line(dice))\n"
        "    print(known.nearest(form))\n"
        "    known.add(name, form)\n"
    )
    told = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(told) == 1
    assert len(set(told.pop().split())) > 20
