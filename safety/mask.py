"""Owns taking personal data out of a text: a marker stands where it stood. Pure. Knows nobody, and no addresses yet.

Numbers that name nobody stay: dates, ages, prices, times, scores, hotlines, how long and how often.
"""

import re
import unicodedata
from collections.abc import Iterator

_EMAIL = re.compile(r"[A-Za-z0-9._%+-]+ ?@ ?[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
_TOP_LEVEL = r"com|net|org|kr|jp|cn|io|me|gg|ly|app|dev|shop|site|xyz|info|tv|be|link|page|club|us|to|ee"
_URL = re.compile(
    rf"(?:https?://|www\.)[^\s“”\"'<>]+"
    rf"|(?<![A-Za-z0-9@.-])(?:[a-z0-9-]+\.)+(?:{_TOP_LEVEL})(?![A-Za-z0-9])(?:/[^\s“”\"'<>]*)?",
    re.IGNORECASE,
)
_GAP = r"[-–—.·_~ ()]{0,3}"
_NOT_BEFORE, _NOT_AFTER = r"(?<![\d.,])", r"(?!\d)"
_RESIDENT = re.compile(
    rf"{_NOT_BEFORE}\d{{2}}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01]){_GAP}[1-8]{_GAP}(?:\d{{6}}|\*{{6}}){_NOT_AFTER}"
)
_CARD = re.compile(rf"{_NOT_BEFORE}(?:\d{{4}}[- .]){{3}}\d{{3,4}}{_NOT_AFTER}")
_PHONE = re.compile(
    rf"(?:{_NOT_BEFORE}|(?=\+))(?:\+?82{_GAP}0?1|01)[016789]{_GAP}\d{{3,4}}{_GAP}\d{{4}}{_NOT_AFTER}"
    rf"|{_NOT_BEFORE}0(?:2|[3-6]\d|70|50\d){_GAP}\d{{3,4}}{_GAP}\d{{4}}{_NOT_AFTER}"
)
_DIGIT_WORD = "[공영빵일이삼사오육륙칠팔구0-9]"
_SPOKEN_PHONE = re.compile(rf"[공영빵]{_GAP}일{_GAP}[공영빵](?:{_GAP}{_DIGIT_WORD}){{7,8}}(?!{_DIGIT_WORD})")
_ACCOUNT = re.compile(
    rf"{_NOT_BEFORE}\d{{2,6}}[-–]\d{{2,8}}(?:[-–]\d{{1,8}}){{1,2}}{_NOT_AFTER}"
    rf"|(?:(?<=계좌)|(?<=번호)|(?<=뱅크)|(?<=은행)|(?<=농협)|(?<=국민)|(?<=신한)|(?<=하나)|(?<=카뱅)|(?<=토스))"
    rf"[은는이가:： ]{{0,3}}\d{{2,6}}(?: \d{{2,8}}){{1,3}}{_NOT_AFTER}"
)
_LONG_RUN = re.compile(rf"{_NOT_BEFORE}\d{{10,16}}{_NOT_AFTER}(?! ?(?:원|명|개|번째|년|km|미터|바이트|bp))")
_HANDLE = re.compile(r"(?<![A-Za-z0-9@])(?:@[A-Za-z0-9_][A-Za-z0-9_.]{1,29})+")
_SERVICE = (
    r"(?:카카오 ?톡|카톡|까톡|ㅋㅌ|카카오|텔레그램|텔레|라인|인스타(?:그램)?|디스코드|디코|스냅챗|페메|틱톡)"
)
_ID_WORD = r"(?:아이디|아뒤|ID|id|계정|디엠|추가)"
_LINKING = r"[은는이가을를도로:：=\-~ ]{0,4}"
_NAMED_ID = re.compile(
    rf"{_SERVICE} ?{_ID_WORD}{_LINKING}(?P<named>[A-Za-z0-9_][A-Za-z0-9_.\-]{{2,29}})"
    rf"|{_SERVICE}{_LINKING}(?P<plain>(?=[A-Za-z0-9_.\-]*[A-Za-z])(?=[A-Za-z_.\-]*[0-9_])[A-Za-z0-9_.\-]{{4,30}})"
    rf"|(?<![가-힣])(?:아이디|아뒤){_LINKING}(?P<bare>(?=[A-Za-z0-9_.\-]*[A-Za-z])[A-Za-z0-9_.\-]{{4,30}})"
)

_ACCOUNT_DIGITS = 10
"""Fewer are a date or a time: 2024-01-01 has eight."""

EMAIL, LINK, PHONE = "[이메일]", "[링크]", "[전화번호]"
RESIDENT, CARD, ACCOUNT, HANDLE = "[주민번호]", "[카드번호]", "[계좌번호]", "[아이디]"

_KINDS = (
    (_EMAIL, EMAIL),
    (_URL, LINK),
    (_RESIDENT, RESIDENT),
    (_CARD, CARD),
    (_PHONE, PHONE),
    (_SPOKEN_PHONE, PHONE),
    (_ACCOUNT, ACCOUNT),
    (_LONG_RUN, ACCOUNT),
    (_NAMED_ID, HANDLE),
    (_HANDLE, HANDLE),
)


def mask(text: str) -> str:
    """The text with a marker in the place of every phone, resident, card and account number, e-mail, link, @handle
    and messenger id. Masking a masked text changes nothing."""
    before = None
    while before != text:  # a marker may part what stood beside it: looked at again
        before = text
        for pattern, marker in _KINDS:
            for begin, end in reversed(list(_spans(pattern, _plain_digits(text)))):
                text = text[:begin] + marker + text[end:]
    return text


def _plain_digits(text: str) -> str:
    """The text, character for character, with full-width and circled digits and full-width signs made plain."""
    return "".join(_plain(c) for c in text)


def _plain(c: str) -> str:
    digit = unicodedata.digit(c, None)
    if digit is not None:
        return str(digit)
    if "！" <= c <= "～":
        return chr(ord(c) - 0xFEE0)
    return c


def _spans(pattern: re.Pattern[str], plain: str) -> Iterator[tuple[int, int]]:
    for found in pattern.finditer(plain):
        if pattern is _NAMED_ID:
            yield found.span(found.lastgroup or 0)
        elif pattern is not _ACCOUNT or sum(c.isdigit() for c in found[0]) >= _ACCOUNT_DIGITS:
            begin, end = found.span()
            yield begin + _lead(found[0]), end


def _lead(found: str) -> int:
    """How many characters before the first that belongs to the datum: the particle between a bank and its number."""
    return len(found) - len(found.lstrip(" 은는이가:："))
