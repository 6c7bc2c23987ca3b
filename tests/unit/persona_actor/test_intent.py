import pytest

from persona_actor.intent import mode_of, topics_of


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
