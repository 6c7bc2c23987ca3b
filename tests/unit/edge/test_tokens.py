"""Who a guest is: what a token says, which tokens are nobody's, and what a nick may be."""

import unicodedata

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge import tokens
from edge.tokens import Identity, TokenExpired, TokenInvalid
from store.ids import ViewerId

SECRET = "a secret of the tests, long enough for every algorithm that somebody could try"
NOW_S = 1_767_225_600.25
GUEST = Identity(ViewerId("v_" + "a" * 22), "수줍은 수달 42")
CLAIMS = {"sub": GUEST.viewer, "nick": GUEST.nick, "iat": int(NOW_S), "exp": int(NOW_S) + 60}


def signed(claims: dict[str, object], secret: str = SECRET, algorithm: str = "HS256") -> str:
    return jwt.encode(claims, secret, algorithm=algorithm)


def test_a_token_names_the_guest_it_was_issued_to() -> None:
    assert tokens.read(SECRET, tokens.issue(SECRET, GUEST, NOW_S), NOW_S) == GUEST


def test_a_token_serves_until_its_last_second_and_not_in_it() -> None:
    token = tokens.issue(SECRET, GUEST, NOW_S, ttl_s=60)

    assert tokens.read(SECRET, token, tokens.expires_at_s(NOW_S, 60) - 0.001) == GUEST
    with pytest.raises(TokenExpired):
        tokens.read(SECRET, token, tokens.expires_at_s(NOW_S, 60))


def test_a_token_says_how_long_it_holds() -> None:
    token = tokens.issue(SECRET, GUEST, NOW_S, ttl_s=60)

    assert tokens.read_with_ttl(SECRET, token, NOW_S + 20) == (
        GUEST,
        tokens.expires_at_s(NOW_S, 60) - (NOW_S + 20),
    )


def test_a_token_of_an_edge_whose_clock_is_a_little_ahead_is_good() -> None:
    token = tokens.issue(SECRET, GUEST, NOW_S + tokens.CLOCK_SKEW_S)

    assert tokens.read(SECRET, token, NOW_S) == GUEST


@pytest.mark.parametrize(
    ("claim", "value"),
    [
        ("sub", None),
        ("sub", 7),
        ("sub", "hong"),
        ("sub", "v_" + "a" * 22 + "\n"),
        ("nick", None),
        ("nick", ""),
        ("nick", " 봄"),
        ("nick", "a" * 21),
        ("nick", ["봄"]),
        ("iat", None),
        ("iat", "yesterday"),
        ("iat", int(NOW_S) + 3600),
        ("exp", None),
        ("exp", True),
        ("exp", "1e99"),
        ("exp", float("nan")),
        ("nbf", int(NOW_S) + 3600),
        ("aud", "somebody else"),
    ],
)
def test_a_signed_token_with_a_wrong_claim_is_nobodys(claim: str, value: object) -> None:
    claims = {**CLAIMS, claim: value}
    if value is None:
        del claims[claim]

    with pytest.raises((TokenInvalid, TokenExpired)):
        tokens.read(SECRET, signed(claims), NOW_S)


@pytest.mark.parametrize(
    "token",
    [
        pytest.param("", id="empty"),
        pytest.param("abc", id="no dots"),
        pytest.param("a.b.c", id="no base64"),
        pytest.param("é.é.é", id="not ASCII"),
        pytest.param("\ud800", id="half a surrogate pair"),
        pytest.param("." * 3_000, id="too long"),
        pytest.param(signed(CLAIMS, SECRET[::-1]), id="another secret"),
        pytest.param(signed(CLAIMS, SECRET, "HS512"), id="another algorithm"),
        pytest.param(signed(CLAIMS, SECRET, "HS384"), id="our secret, another algorithm"),
        pytest.param(jwt.encode(CLAIMS, "", algorithm="none"), id="no signature"),
        pytest.param("WwpbW1tb" * 250 + ".e30.e30", id="nested without end"),
    ],
)
def test_what_we_did_not_sign_is_nobodys(token: str) -> None:
    with pytest.raises(TokenInvalid):
        tokens.read(SECRET, token, NOW_S)


@given(at=st.integers(0, 500), char=st.sampled_from("abcXYZ019-_."))
def test_a_token_changed_in_any_place_is_nobodys(at: int, char: str) -> None:
    token = tokens.issue(SECRET, GUEST, NOW_S)
    at %= len(token)
    changed = token[:at] + char + token[at + 1 :]

    try:
        identity = tokens.read(SECRET, changed, NOW_S)
    except TokenInvalid:
        assert changed != token
    else:  # the same character, or one whose low bits base64 throws away at the end of the signature
        assert identity == GUEST
        assert changed == token or at == len(token) - 1


@given(st.binary(min_size=tokens.GUEST_BYTES, max_size=tokens.GUEST_BYTES))
def test_every_new_guest_has_an_id_and_a_nick_that_keep_the_rules(random_bytes: bytes) -> None:
    guest = tokens.new_guest(random_bytes)

    assert tokens.clean_nick(guest.nick) == guest.nick
    assert guest.nick.rpartition(" ")[2].isdigit()
    assert tokens.read(SECRET, tokens.issue(SECRET, guest, NOW_S), NOW_S) == guest


def test_two_guests_are_two() -> None:
    one, two = (tokens.new_guest(bytes([n]) * tokens.GUEST_BYTES, "봄") for n in (1, 2))

    assert one.viewer != two.viewer
    assert one.nick == two.nick == "봄"


def test_a_guest_is_not_made_of_too_little_chance_or_of_a_raw_nick() -> None:
    with pytest.raises(ValueError, match="random bytes"):
        tokens.new_guest(b"short")
    with pytest.raises(ValueError, match="nick"):
        tokens.new_guest(bytes(tokens.GUEST_BYTES), " 봄 ")


@pytest.mark.parametrize(
    ("text", "nick"),
    [
        ("봄", "봄"),
        ("  봄 날\n", "봄 날"),
        ("봄   날", "봄 날"),
        ("\u3000봄\u3000", "봄"),
        (unicodedata.normalize("NFD", "한글 이름"), "한글 이름"),
        ("a" * 20, "a" * 20),
        (unicodedata.normalize("NFD", "가" * 20), "가" * 20),
        ("José", "José"),
        ("🦦", "🦦"),
        ("<b>", "<b>"),  # text is text: who shows it escapes it
    ],
)
def test_a_nick_is_shown_composed_and_trimmed(text: str, nick: str) -> None:
    assert tokens.clean_nick(text) == nick


@pytest.mark.parametrize(
    "text",
    [
        "", "   ", "a" * 21, "a\nb", "a\tb", "a\x00b", "\x1b[31m", "a\u200bb", "\u200d", "\u202eabc", "a\u2066b",
        "\ufeffa", "\u00ad", "\u3164", "ㅤㅤ", "\u115f", "\u2800", "\ud800", "\ue000", "\u0378", "a\u2028b", "\u0301",
        "a" + "\u0301" * 5,
    ],
)  # fmt: skip
def test_a_nick_hides_nothing_and_turns_nothing_around(text: str) -> None:
    assert tokens.clean_nick(text) is None


@given(st.text(max_size=40))
def test_a_clean_nick_is_clean(text: str) -> None:
    nick = tokens.clean_nick(text)

    if nick is not None:
        assert 1 <= len(nick) <= tokens.MAX_NICK_CHARS
        assert tokens.clean_nick(nick) == nick
