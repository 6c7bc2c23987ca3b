"""However a text is cut into pieces, the guard lets the same words out, and never a forbidden one."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from persona_actor.guard import OutGuard, clean_line

LETTERS = "가나다 -(*)[]x\n…😀"
texts = st.text(LETTERS, max_size=60) | st.text(max_size=60)
words = st.lists(st.text("가나다 x", min_size=1, max_size=5).filter(str.strip), max_size=4)


def speak(pieces: list[str], forbidden: list[str], max_chars: int) -> str:
    guard = OutGuard(forbidden, max_chars)
    return "".join([guard.feed(piece) for piece in pieces]) + guard.flush()


@given(texts, words, st.lists(st.integers(0, 60)), st.integers(0, 80))
def test_any_split_gives_the_same_words(
    text: str, forbidden: list[str], cuts: list[int], max_chars: int
) -> None:
    edges = [0, *sorted(cuts), len(text)]
    pieces = [text[a:b] for a, b in pairwise(edges)]
    assert "".join(pieces) == text
    assert speak(pieces, forbidden, max_chars) == speak([text], forbidden, max_chars)


@given(texts, words)
def test_no_forbidden_word_comes_out(text: str, forbidden: list[str]) -> None:
    said = speak(list(text), forbidden, 1000)
    for word in forbidden:
        assert " ".join(word.split()) not in said


@given(texts, st.integers(0, 40))
def test_what_comes_out_is_within_the_limit_and_on_one_line(text: str, max_chars: int) -> None:
    said = speak([text], [], max_chars)
    assert len(said) <= max_chars
    assert not set(said) & set("\n()[]*😀")


@given(st.text(LETTERS + "<|>/sINTuer:#", max_size=60), st.integers(1, 60))
def test_cleaning_a_clean_line_changes_nothing(text: str, max_chars: int) -> None:
    once = clean_line(text, 1000)
    assert clean_line(once, 1000) == once
    assert len(clean_line(text, max_chars)) <= max_chars
