"""One line of chat at the door: what can be seen stays, what hides goes, and the size is that of what stays."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.refusal import Code, Refused
from safety.line import clean_line, clean_text


def clean(text: str, max_chars: int = 300) -> str:
    line = clean_line(text, max_chars=max_chars)
    assert isinstance(line, str), line
    return line


def refusal(text: str, max_chars: int = 300) -> Code:
    refused = clean_line(text, max_chars=max_chars)
    assert isinstance(refused, Refused), refused
    return refused.code


def clean_story(text: str, max_chars: int = 2_000) -> str:
    cleaned = clean_text(text, max_chars=max_chars)
    assert isinstance(cleaned, str), cleaned
    return cleaned


def test_an_ordinary_line_passes_as_it_is() -> None:
    assert clean("오늘 헤어졌어요… ㅠㅠ 어떡하죠? 😭") == "오늘 헤어졌어요… ㅠㅠ 어떡하죠? 😭"


def test_words_of_despair_are_not_stopped_at_this_door() -> None:
    assert clean("자살하고 싶어요") == "자살하고 싶어요"


@pytest.mark.parametrize(
    ("came", "kept"),
    [
        ("  가  나  ", "가 나"),
        ("가\n나\r\n다\t라", "가 나 다 라"),
        ("가\u2028나\u2029다", "가 나 다"),
        ("가\u00a0나\u3000다", "가 나 다"),
        ("가\u0000나", "가 나"),
        ("가\u200b나", "가나"),
        ("\u202e거꾸로\u202c", "거꾸로"),
        ("\ufeff안녕", "안녕"),
        ("가\ud800나", "가나"),
        ("가\u3164나", "가 나"),
    ],
)
def test_what_breaks_or_hides_the_line_goes(came: str, kept: str) -> None:
    assert clean(came) == kept


def test_an_emoji_family_stays_together() -> None:
    assert clean("👨‍👩‍👧") == "👨\u200d👩\u200d👧"


def test_decomposed_hangul_is_composed_and_counted_so() -> None:
    decomposed = unicodedata.normalize("NFD", "한" * 300)
    assert len(decomposed) == 900
    assert clean(decomposed) == "한" * 300


def test_a_letter_and_its_mark_are_composed_when_what_was_between_them_goes() -> None:
    assert clean("e\u200b\u0301") == "é"


@pytest.mark.parametrize(
    "text", ["", "   ", "\n", "\u200b\u200b", "\u200d", "\u3164\u3164", "\u2800", "\ufe0f", "\0"]
)
def test_a_line_in_which_nothing_can_be_seen_is_refused(text: str) -> None:
    assert refusal(text) is Code.BAD_REQUEST


def test_the_limit_is_that_of_the_cleaned_line() -> None:
    assert clean("가" * 300) == "가" * 300
    assert clean(" " * 50 + "가" * 300 + "\u200b" * 50) == "가" * 300
    assert refusal("가" * 301) is Code.TOO_LONG
    assert refusal("가" + " " * 1200) is Code.TOO_LONG


texts = st.text(max_size=40) | st.text("가é\u0301\u1100\u1161\u200b\u200d \n\0\u3164a😀\ufe0f", max_size=40)


@given(texts)
def test_cleaning_a_clean_line_changes_nothing(text: str) -> None:
    line = clean_line(text, max_chars=300)
    if isinstance(line, str):
        assert clean_line(line, max_chars=300) == line


@given(texts)
def test_a_clean_line_can_be_stored_and_stays_on_one_line(text: str) -> None:
    line = clean_line(text, max_chars=300)
    if isinstance(line, str):
        assert line.encode()
        assert line == line.strip() == unicodedata.normalize("NFC", line)
        assert not {unicodedata.category(char) for char in line} & {"Cc", "Cs", "Zl", "Zp"}


@pytest.mark.parametrize(
    ("came", "kept"),
    [
        ("가\n나", "가\n나"),
        ("가\r\n나\r다", "가\n나\n다"),
        ("가\u2028나\u2029다\x85라\v마", "가\n나\n다\n라\n마"),
        ("\n\n 가  나 \n\n\n\n\u200b\n다\n \n", "가 나\n\n다"),
        ("가\u202e\n\u0000나\t다", "가\n나 다"),
    ],
)
def test_a_text_keeps_its_paragraphs_and_nothing_that_hides(came: str, kept: str) -> None:
    assert clean_story(came) == kept


def test_a_text_is_refused_as_a_line_is() -> None:
    for text, code in (
        ("\n\u200b\n", Code.BAD_REQUEST),
        ("가\n" * 51, Code.TOO_LONG),
        ("\n" * 401, Code.TOO_LONG),
    ):
        refused = clean_text(text, max_chars=100)
        assert isinstance(refused, Refused)
        assert refused.code is code
    assert clean_story("가\n" * 50, 100) == "가\n" * 49 + "가"


@given(texts)
def test_cleaning_a_clean_text_changes_nothing(text: str) -> None:
    cleaned = clean_text(text, max_chars=2_000)
    if isinstance(cleaned, str):
        assert clean_text(cleaned, max_chars=2_000) == cleaned
        assert clean_line(cleaned, max_chars=2_000) == " ".join(cleaned.split())
