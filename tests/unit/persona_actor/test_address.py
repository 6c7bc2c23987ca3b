import pytest

from persona_actor.address import address, fill, places

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


def test_a_term_without_its_nickname_keeps_no_half_of_itself() -> None:
    assert address("우리 {nick} 기 꺾은 게 누구야", "", ("너", "우리")) == "너 기 꺾은 게 누구야"


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ("{former}은 밝아요", "오율은 밝아요"),
        ("{former}로 갈까요", "오율로 갈까요"),
        ("{former}과 저", "오율과 저"),
        ("{former}님 말씀", "오율님 말씀"),
        ("{other}은 그대로", "{other}은 그대로"),
    ],
)
def test_whatever_is_filled_in_gets_its_particle(answer: str, said: str) -> None:
    assert fill(answer, {"former": "오율"}) == said


def test_a_consonant_other_than_rieul_takes_the_long_form_of_the_way() -> None:
    assert fill("{former}로", {"former": "홍세현"}) == "홍세현으로"


def test_what_a_viewer_wrote_is_not_filled_again() -> None:
    assert fill("{quotes} {former}", {"quotes": "“{former}”", "former": "달"}) == "“{former}” 달"


def test_the_places_of_an_answer_are_named() -> None:
    assert places("{nick}님, {quotes} 네.") == {"nick", "quotes"}
