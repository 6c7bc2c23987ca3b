import pytest

from persona_actor.address import address

TERMS = ("우리 사연자님", "우리 {nick}님")


@pytest.mark.parametrize(
    ("answer", "nick", "said"),
    [
        ("우리 {nick}님, 쉬세요", "하늘", "우리 하늘님, 쉬세요"),
        ("{nick}아 힘내", "하나", "하나야 힘내"),
        ("{nick}야 힘내", "하늘", "하늘아 힘내"),
        ("{nick}는 멋져", "하늘", "하늘은 멋져"),
        ("{nick}이 왔네", "moon", "moon가 왔네"),
        ("{nick}이라는 이름", "하늘", "하늘이라는 이름"),
        ("우리 {nick}님, 쉬세요", "", "우리 사연자님, 쉬세요"),
        ("그냥 쉬세요", "하늘", "그냥 쉬세요"),
    ],
)
def test_a_nickname_takes_the_place_held_for_it(answer: str, nick: str, said: str) -> None:
    assert address(answer, nick, TERMS) == said


def test_a_persona_that_calls_viewers_by_one_word_uses_it_for_the_nameless() -> None:
    assert address("우리 {nick} 왔네", "", ("너", "우리 {nick}")) == "너 왔네"


def test_without_any_term_the_place_stays_empty() -> None:
    assert "{nick}" not in address("{nick}님 왔네", "", ())
