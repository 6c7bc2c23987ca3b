import pytest

from persona_actor.intent import asks, counts, fits_the_case, is_married, mode_of, plain, suspects, topics_of


@pytest.mark.parametrize(
    ("text", "mode"),
    [
        ("안녕하세요!", "greeting"),
        ("ㅎㅇㅎㅇ", "greeting"),
        ("안녕하세요 전남친이 연락했는데 어떡하죠", "counsel"),
        ("후원 만 원 고마워요", "thanks"),
        ("저 이제 자러 갈게요", "closing"),
        ("썸남이 답장을 안 해요", "counsel"),
        ("ㅋㅋㅋ", "counsel"),
    ],
)
def test_a_short_line_that_only_greets_or_thanks_is_told_from_a_story(text: str, mode: str) -> None:
    assert mode_of(text) == mode


def test_the_words_of_a_line_tell_its_topics() -> None:
    assert topics_of("장거리인데 남친이 바람을 피웠어요") == ("장거리", "바람")
    assert topics_of("바람이 시원해요") == ()


@pytest.mark.parametrize(
    ("text", "short"),
    [
        ("남자친구가 폰을 안 보여줘요", "남친이 폰을 안 보여줘요"),
        ("여자 친구랑 싸움", "여친이랑 싸움"),
        ("예전 남자친구를 봤어요", "전남친을 봤어요"),
        ("우리 와이프", "우리 아내"),
    ],
)
def test_one_partner_is_one_word_however_it_is_written(text: str, short: str) -> None:
    assert plain(text) == short


@pytest.mark.parametrize(
    "text", ["남자친구가 폰을 안 보여줘요", "우리 남편 참", "와이프 얘기예요", "전 애인", "여자 친구 있음"]
)
def test_a_line_that_names_a_partner_is_never_small_talk(text: str) -> None:
    assert asks(text)
    assert mode_of(f"안녕하세요 {text}"[:24]) == "counsel"


def test_a_former_partner_is_a_topic_however_it_is_written() -> None:
    assert topics_of("전 남자친구 생각이 나요") == topics_of("전남친 생각이 나요") == ("재회",)
    assert topics_of("저는 완전 남친 편이에요") == ()


def test_a_suspicion_is_told_from_what_is_known() -> None:
    assert suspects("남편이 바람피우는 것 같아요")
    assert suspects("자꾸 의심돼요")
    assert not suspects("남편이 바람을 피웠어요, 실수였다는데 자꾸 의심돼요")
    assert not suspects("보고 싶은 것 같아요")


def test_who_has_married_does_not_ask_whether_to() -> None:
    assert is_married("결혼한 지 7년 됐어요")
    assert is_married("우리 신랑이 말이 없어요")
    assert not is_married("결혼해야 할까요")


def test_how_long_and_how_often_is_counted_and_a_price_is_not() -> None:
    assert counts("2년째 만나요")
    assert counts("세 번 봤어요")
    assert not counts("만 원을 냈어요")


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("고백할까 말까 고민이에요", "친구가 갑자기 고백했어요"),
        ("헤어졌어요 너무 힘들어요", "주변에서 다 헤어지래요"),
        ("싸울 때마다 여친이 헤어지자고 해요", "싸우면 말을 안 해요"),
        ("결혼해야 할까요", "결혼한 지 3년 됐어요"),
        ("군대 간 남친 기다리는 중인데 힘드네요", "장거리라서 힘드네요"),
        ("바람피우는 것 같아요", "남편이 바람을 피웠어요"),
    ],
)
def test_an_answer_to_another_case_does_not_fit(question: str, text: str) -> None:
    assert not fits_the_case(question, text)
    assert fits_the_case(question, question)
    assert fits_the_case(text, text)


def test_what_a_text_adds_to_the_question_does_no_harm() -> None:
    assert fits_the_case("연락이 뜸해졌어요", "헤어질까 고민이에요, 연락이 뜸해졌어요")
