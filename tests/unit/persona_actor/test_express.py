from persona_actor.express import Expression, Shown, Words
from personas import SIGNALS


def shown(text: str, script: tuple[str, ...] | None = None) -> list[tuple[str, int]]:
    return [(s.signal, s.at) for s in Expression(SIGNALS, script).feed(text) if isinstance(s, Shown)]


def test_written_signals_come_as_their_sentences_begin() -> None:
    assert shown("힘드셨죠. 그래도 웃어요! 끝.", ("sad", "smile", "nod")) == [
        ("sad", 0),
        ("smile", 6),
        ("nod", 15),
    ]


def test_a_signal_stands_before_the_words_it_goes_with() -> None:
    parts = list(Expression(SIGNALS, ("sad", "smile")).feed("아. 네."))
    assert parts == [Shown("sad", 0), Words("아. "), Shown("smile", 3), Words("네.")]


def test_a_sentence_may_end_inside_quotes() -> None:
    assert shown("'그럼요.' 네.", ("sad", "smile")) == [("sad", 0), ("smile", 7)]


def test_a_number_with_a_point_is_one_sentence() -> None:
    assert shown("1.5배 네", ("sad", "smile")) == [("sad", 0)]


def test_words_of_a_model_show_a_signal_when_the_telling_word_is_complete() -> None:
    assert shown("많이 속상하셨겠어요. 응원할게요.") == [("sad", 5), ("cheer", 14)]


def test_without_a_telling_word_the_mark_at_the_end_decides() -> None:
    assert shown("밥 먹었어요? 네.") == [("think", 7)]


def test_a_sentence_shows_one_signal_and_the_same_face_is_not_shown_twice_in_a_row() -> None:
    assert shown("고마워요 정말 반가워요. 다행이에요.") == [("smile", 2)]


def test_pieces_do_not_change_what_is_shown() -> None:
    text = "많이 속상하셨겠어요. 설마요? 응원할게요!"
    expression = Expression(SIGNALS)
    one_by_one = [s for c in text for s in expression.feed(c) if isinstance(s, Shown)]
    assert [(s.signal, s.at) for s in one_by_one] == shown(text)
    assert one_by_one


def test_a_signal_that_the_persona_does_not_have_is_not_shown() -> None:
    assert list(Expression(["nod"], ("dance",)).feed("네.")) == [Words("네.")]
