import pytest

from persona_actor.matter import goes_astray, matters_of, taken_up, weighed, words_of


@pytest.mark.parametrize(
    ("text", "matters"),
    [
        ("연락이 뜸해졌어요", {"연락"}),
        ("연락이 뚝 끊겼어요", {"잠수"}),
        ("후배가 저한테 고백했어요", {"고백을 받음"}),
        ("고백했는데 차였어요", {"고백을 거절당함"}),
        ("고백할까 말까 고민이에요", {"고백"}),
        ("남친이 바람피우는 것 같아요", {"의심"}),
        ("남친이 바람을 피운 걸 알게 됐어요", {"바람"}),
        ("전남친한테 문자가 왔어요", {"옛 사람의 연락", "헤어짐"}),
        ("남친이 전여친이랑 연락해요", {"애인의 옛 사람"}),
        ("연애를 하면 자꾸 작아져요", {"자존감"}),
        ("매달 해외 출장이에요", {"장거리"}),
        ("집 앞에서 기다려 볼까요", {"찾아가기"}),
        ("오늘 비가 와요", set()),
    ],
)
def test_a_text_tells_its_matters(text: str, matters: set[str]) -> None:
    assert matters_of(text) == matters


def test_what_is_asked_weighs_more_than_what_is_told() -> None:
    told = weighed("요즘 자주 싸워요. 저는 회사에 다녀요. 이제 헤어져야 할까요?")
    assert told["이별 고민"] > told["싸움"]
    assert (
        weighed("자주 싸워요. 잠을 못 자요.", "싸움뿐이에요")["싸움"]
        > weighed("자주 싸워요. 잠을 못 자요.")["싸움"]
    )


def test_an_answer_about_what_was_not_told_takes_nothing_up() -> None:
    told = weighed("자주 싸워요. 이제 헤어져야 할까요?")
    assert taken_up(frozenset({"이별 고민", "싸움"}), told) == 1.0
    assert 0 < taken_up(frozenset({"이별 고민"}), told) < 1
    assert taken_up(frozenset({"싸움"}), told) == 0.0  # told in passing
    assert taken_up(frozenset({"이별 고민", "돈"}), told) == 0.0
    assert taken_up(frozenset(), told) == 0.0


@pytest.mark.parametrize(
    ("matters", "told"),
    [
        ({"싸움"}, {"싸움", "폭력"}),
        ({"폭력"}, {"싸움"}),
        ({"고백"}, {"고백을 받음"}),
        ({"연락"}, {"연락", "헤어짐"}),
        ({"옛 사람의 연락", "헤어짐"}, {"연락"}),
        ({"싸움"}, {"썸", "싸움"}),
    ],
)
def test_an_answer_to_a_case_turned_around_goes_astray(matters: set[str], told: set[str]) -> None:
    assert goes_astray(frozenset(matters), frozenset(told))
    assert not goes_astray(frozenset(told), frozenset(told))


def test_the_words_that_tell_a_matter_are_told_with_it() -> None:
    assert "데이트 비용" in words_of("데이트 비용을 거의 제가 내요")
