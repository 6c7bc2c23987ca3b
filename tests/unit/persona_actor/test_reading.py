import pytest
from hypothesis import given
from hypothesis import strategies as st

from persona_actor.guard import OutGuard
from persona_actor.reading import MAX_QUOTE_CHARS, point, quotable, quoted, sentences, telling

STORY = (
    "안녕하세요 처음 사연 보내요.\n남자친구랑 2년째 장거리 연애 중이에요. 오늘은 비가 왔어요. 점심은 국수를 먹었어요.\n"
    "저만 기다리는 것 같아서 외로워요. 계속 기다려도 될까요? 읽어 주셔서 감사합니다."
)


def test_the_telling_sentences_are_read_in_the_storys_order_word_for_word() -> None:
    assert telling(STORY) == (
        "남자친구랑 2년째 장거리 연애 중이에요",
        "저만 기다리는 것 같아서 외로워요",
        "계속 기다려도 될까요?",
    )
    assert all(quote in STORY for quote in telling(STORY))


def test_greetings_and_thanks_around_a_story_are_not_read() -> None:
    assert telling("안녕하세요. 사연 남깁니다. 헤어졌어요 너무 힘들어요. 감사합니다!") == (
        "사연 남깁니다",
        "헤어졌어요 너무 힘들어요",
    )


def test_a_sentence_with_a_word_that_may_not_be_said_is_left_out() -> None:
    assert telling("헤어졌어요 한심하죠. 너무 힘들어요 정말로.", ["한심"]) == ("너무 힘들어요 정말로",)


def test_a_line_break_and_a_row_of_jamo_end_a_sentence_like_a_stop() -> None:
    assert sentences("헤어졌어요\n힘들어요ㅠㅠ 어떡하죠 ㅋㅋ 네") == [
        "헤어졌어요",
        "힘들어요ㅠㅠ",
        "어떡하죠 ㅋㅋ",
        "네",
    ]


def test_a_long_run_without_stops_is_parted_behind_its_verbs() -> None:
    told = "남친이 요즘 연락을 너무 안 해요 제가 먼저 보내도 하루가 지나야 답이 와요 그래서 헤어지자고 말하고 싶어요"
    assert sentences(told)[0] == "남친이 요즘 연락을 너무 안 해요"
    assert " ".join(sentences(told)) == told


def test_a_sentence_that_cannot_be_parted_is_cut_after_a_word_and_says_so() -> None:
    (quote,) = telling("가나다라 " * 40 + "마바")
    assert quote.endswith("가나다라…")
    assert len(quote) <= MAX_QUOTE_CHARS


def test_what_cannot_be_said_aloud_parts_sentences() -> None:
    assert sentences("너무 힘들어요 😢 그래서 [전화번호] 적어요") == [
        "너무 힘들어요",
        "그래서",
        "전화번호",
        "적어요",
    ]


def test_a_text_without_words_has_nothing_to_read() -> None:
    assert telling("… 😢 !!") == ()


@pytest.mark.parametrize(
    ("sentence", "said"), [("가요", "“가요”."), ("가요?", "“가요?”"), ("가요…", "“가요…”")]
)
def test_a_quote_is_a_sentence_of_its_own(sentence: str, said: str) -> None:
    assert quoted(sentence) == said


def test_the_point_of_a_view_is_a_short_sentence_behind_its_lead_in() -> None:
    view = "먼저 하겠습니다. 시작합니다. 관심이 낮습니다. 답장에는 비용이 거의 없습니다. 조용하면 그것도 대답입니다."
    assert point(view) == "답장에는 비용이 거의 없습니다"


@pytest.mark.parametrize(
    "view", ["", "네.", "하나. 둘. 어떻게 지내세요?", "하나. 둘. “이미 남의 말이에요” 했죠."]
)
def test_a_view_without_a_short_sentence_has_no_point(view: str) -> None:
    assert point(view) == ""


def test_a_memory_is_quoted_from_its_beginning() -> None:
    assert quotable("남친이 연락을 안 해요. 서운해요.") == "남친이 연락을 안 해요"
    assert quotable("제 번호는 [전화번호]예요") == ""
    assert quotable("한심하죠", ["한심"]) == ""


@given(st.text("가나요다.?! \n[(*😢ㅠ<'“”", max_size=200))
def test_every_quote_stands_in_the_text_and_passes_the_way_out_as_it_is(text: str) -> None:
    text = "\n".join(" ".join(line.split()) for line in text.splitlines())  # as it is cleaned
    for quote in telling(text):
        assert quote.removesuffix("…") in text
        guard = OutGuard((), 1000)
        assert guard.feed(quote) + guard.flush() == quote


def test_the_words_around_a_reading_are_no_point() -> None:
    read = "사연이에요. 읽을게요. “남친이랑 싸웠어요”. “어떡하죠?” 잘 들었어요. 제가 먼저예요. 남은 뒤에요."
    assert point(read) == ""
    assert point(f"{read} 이제 시작해요. 싸움에는 규칙이 필요해요. 끝이에요.") == "싸움에는 규칙이 필요해요"
