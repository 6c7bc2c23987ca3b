"""Owns who a guest is: nicks and the signed tokens that carry an identity from visit to visit.

Pure: the time and the random bytes are arguments. Knows nothing of HTTP or WebSocket.
"""

import base64
import re
import unicodedata
from dataclasses import dataclass

import jwt

from runtime.errors import LovelmError
from store.ids import ViewerId

ALGORITHM = "HS256"
TTL_S = 30 * 24 * 3600  # 30 days: a viewer who comes back within a month is the same one
MAX_TOKEN_CHARS = 2_048  # ours have about 250; what is longer is not ours
CLOCK_SKEW_S = 60  # another edge's clock may be ahead of ours by this much

MAX_NICK_CHARS = 20
VIEWER_BYTES = 16  # 128 random bits: 22 url-safe characters
GUEST_BYTES = VIEWER_BYTES + 6  # and two bytes each for adjective, noun and number

_VIEWER = re.compile(r"v_[A-Za-z0-9_-]{22,32}\Z")

_ADJECTIVES = (
    "수줍은", "다정한", "느긋한", "포근한", "씩씩한", "상냥한", "반가운", "조용한", "해맑은", "든든한", "말랑한",
    "따뜻한", "용감한", "엉뚱한", "설레는", "졸린", "산뜻한", "차분한", "폭신한", "웃음 많은", "꿈꾸는", "노래하는",
    "산책하는", "기다리는",
)  # fmt: skip
_NOUNS = (
    "수달", "고양이", "강아지", "토끼", "다람쥐", "참새", "펭귄", "고슴도치", "판다", "사슴", "햄스터", "돌고래",
    "오리", "거북이", "여우", "알파카", "코알라", "물범", "나무늘보", "부엉이", "해달", "너구리", "병아리", "두루미",
)  # fmt: skip

# Letters, marks and symbols by category that show nothing: fillers, blanks, joiners, selectors.
_INVISIBLE = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0") | {
    chr(c) for c in range(0xFE00, 0xFE10)
}
# Control, format (zero width, bidi), surrogate, private, unassigned; line and paragraph separators.
_REFUSED_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_MAX_MARKS_IN_A_ROW = 2  # Thai and Vietnamese need two; more climbs over the neighbouring lines


class TokenInvalid(LovelmError):
    """The token is not one of ours, or was changed. A new guest can be made instead."""

    code = 1400


class TokenExpired(LovelmError):
    """The token was ours and its time is over. A new guest can be made instead."""

    code = 1401


@dataclass(frozen=True, slots=True)
class Identity:
    """A viewer as the edge knows them."""

    viewer: ViewerId
    nick: str


def issue(secret: str, identity: Identity, now_s: float, ttl_s: float = TTL_S) -> str:
    """A token (JWT, HS256) for this identity. now_s: seconds since 1970; it expires at `expires_at_s`."""
    claims = {
        "sub": identity.viewer,
        "nick": identity.nick,
        "iat": int(now_s),
        "exp": expires_at_s(now_s, ttl_s),
    }
    return jwt.encode(claims, secret, algorithm=ALGORITHM)


def expires_at_s(now_s: float, ttl_s: float = TTL_S) -> int:
    """When a token issued at `now_s` expires, in whole seconds since 1970."""
    return int(now_s + ttl_s)


def read(secret: str, token: str, now_s: float) -> Identity:
    """Whom the token names. now_s: seconds since 1970. Raises TokenExpired, or TokenInvalid with the reason."""
    return read_with_ttl(secret, token, now_s)[0]


def read_with_ttl(secret: str, token: str, now_s: float) -> tuple[Identity, float]:
    """As `read`, and for how many seconds more the token holds."""
    if len(token) > MAX_TOKEN_CHARS or not token.isascii():
        raise TokenInvalid("not a token")
    try:
        # The library would ask the machine's clock: times are checked below, against the caller's.
        claims = jwt.decode(
            token,
            secret,
            algorithms=[ALGORITHM],
            options={
                "require": ["sub", "iat", "exp"],
                "verify_exp": False,
                "verify_iat": False,
                "verify_nbf": False,
            },
        )
    except (jwt.PyJWTError, ValueError, RecursionError) as exc:
        raise TokenInvalid("the signature or the form is wrong") from exc
    return _identity_of(claims, now_s)


def _identity_of(claims: dict[str, object], now_s: float) -> tuple[Identity, float]:
    issued_s, expires_s, not_before_s = claims["iat"], claims["exp"], claims.get("nbf", 0)
    viewer, nick = claims["sub"], claims.get("nick")
    # `type(...) is` and not isinstance: true and false are ints to Python and no times to us.
    if any(type(time_s) not in (int, float) for time_s in (issued_s, expires_s, not_before_s)):
        raise TokenInvalid("a time is not a number")
    assert isinstance(issued_s, (int, float))
    assert isinstance(expires_s, (int, float))
    assert isinstance(not_before_s, (int, float))
    if not expires_s > now_s:
        raise TokenExpired("the token has expired")
    if not max(issued_s, not_before_s) <= now_s + CLOCK_SKEW_S:
        raise TokenInvalid("the token is from the future")
    if not isinstance(viewer, str) or _VIEWER.match(viewer) is None:
        raise TokenInvalid("`sub` is not a viewer id")
    if not isinstance(nick, str) or clean_nick(nick) != nick:
        raise TokenInvalid("`nick` breaks the rules of nicks")
    return Identity(ViewerId(viewer), nick), expires_s - now_s


def new_guest(random_bytes: bytes, nick: str | None = None) -> Identity:
    """A guest who was never here. random_bytes: GUEST_BYTES of them. nick: a clean one, or None for a gentle
    generated one such as "수줍은 수달 42". Raises ValueError when there are too few bytes or the nick is not clean."""
    if len(random_bytes) < GUEST_BYTES:
        raise ValueError(f"a guest takes {GUEST_BYTES} random bytes, got {len(random_bytes)}")
    if nick is not None and clean_nick(nick) != nick:
        raise ValueError("the nick is not clean")
    viewer = ViewerId("v_" + base64.urlsafe_b64encode(random_bytes[:VIEWER_BYTES]).rstrip(b"=").decode())
    return Identity(
        viewer, nick if nick is not None else _gentle_nick(random_bytes[VIEWER_BYTES:GUEST_BYTES])
    )


def _gentle_nick(rolls: bytes) -> str:
    adjective, noun, number = (int.from_bytes(rolls[at : at + 2], "big") for at in (0, 2, 4))
    return f"{_ADJECTIVES[adjective % len(_ADJECTIVES)]} {_NOUNS[noun % len(_NOUNS)]} {10 + number % 990}"


def clean_nick(text: str) -> str | None:
    """The nick as it is shown: NFC, no blanks around, one between words. None when it breaks a rule: 1 to 20 code
    points, at least one of which can be seen, and none that controls, hides or turns the text around."""
    text = text.strip()
    if any(unicodedata.category(char) in _REFUSED_CATEGORIES or char in _INVISIBLE for char in text):
        return None
    nick = " ".join(unicodedata.normalize("NFC", text).split())
    if not 1 <= len(nick) <= MAX_NICK_CHARS:
        return None
    marks = most_marks = letters = 0
    for char in nick:
        is_mark = unicodedata.category(char).startswith("M")
        marks = marks + 1 if is_mark else 0
        most_marks = max(most_marks, marks)
        letters += not is_mark
    return nick if letters and most_marks <= _MAX_MARKS_IN_A_ROW else None
