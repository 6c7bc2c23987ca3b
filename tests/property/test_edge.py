"""The pure parts of the edge, for any input."""

import json
from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from edge import frames
from edge.commands import Command, Malformed, Pong, UnknownMethod, parse_frame
from edge.mirror import Publication, RoomMirror, Welcome
from store.ids import LogEpoch, Position, Seq

any_text = st.text(st.characters(exclude_categories=()), max_size=50) | st.text(
    st.sampled_from('{}[]":,0123456789.eE+-\\un \n\ttrue')
)
any_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=10,
)
METHODS = [
    "connect", "subscribe", "unsubscribe", "publish", "rpc", "history", "presence_stats", "presence", "ping", "send",
    "refresh", "sub_refresh", "fly",
]  # fmt: skip
FIELDS = [
    "channel",
    "token",
    "data",
    "method",
    "limit",
    "since",
    "reverse",
    "recover",
    "epoch",
    "offset",
    "subs",
]


# -- frames -------------------------------------------------------------------------------------------


@given(any_text)
def test_no_text_breaks_the_parser(text: str) -> None:
    parsed = parse_frame(text)

    assert parsed
    assert all(isinstance(one, Command | UnknownMethod | Pong | Malformed) for one in parsed)
    assert not any(isinstance(one, Malformed) for one in parsed[:-1])


@given(
    st.dictionaries(
        st.sampled_from(["id", *METHODS]),
        any_json | st.dictionaries(st.sampled_from(FIELDS), any_json, max_size=4),
        max_size=3,
    ),
    st.integers(1, 2**32 - 1),
)
def test_no_command_breaks_the_parser_and_none_gets_a_wrong_id(body: dict[str, Any], number: int) -> None:
    for one in (body, {**body, "id": number}):
        [parsed] = parse_frame(json.dumps(one))
        if isinstance(parsed, Command | UnknownMethod):
            assert parsed.id == one.get("id", 0)


@given(st.text(max_size=30), st.integers(0, 2**60), any_json)
def test_a_push_is_json_on_one_line_for_any_data(channel: str, offset: int, data: Any) -> None:
    pushed = frames.push_of(channel, Publication(Seq(offset), json.dumps({"t": data}).encode())).json
    place = {"offset": offset} if offset else {}

    assert b"\n" not in pushed
    assert json.loads(pushed) == {"push": {"channel": channel, "pub": {**place, "data": {"t": data}}}}


@given(st.integers(1, 2**32 - 1), st.sampled_from(METHODS), st.dictionaries(st.text(), any_json, max_size=3))
def test_a_reply_is_json_on_one_line_for_any_result(number: int, method: str, result: dict[str, Any]) -> None:
    sent = frames.reply(number, method, result)
    payload = sent[2 if sent[1] < 126 else 4 :]

    assert b"\n" not in payload
    assert json.loads(payload) == {"id": number, method: result}


# -- mirror -------------------------------------------------------------------------------------------

cues = st.fixed_dictionaries({"signal": st.sampled_from(["nod", "smile"]), "at": st.integers(0, 9)})
bodies = st.one_of(
    st.builds(lambda text: {"t": "chat", "text": text}, st.text(max_size=5)),
    st.builds(
        lambda turn: {"t": "asked", "reply": turn, "persona": "p", "answers": [1], "why": "oldest"},
        st.sampled_from("ab"),
    ),
    st.builds(lambda turn: {"t": "reply", "reply": turn}, st.sampled_from("ab")),
    st.just({"t": "show", "what": "closed"}),
    st.just({"t": "of a newer version"}),
    st.builds(
        lambda turn, at, text, cue: {
            "t": "delta",
            "reply": turn,
            "at": at,
            "text": text,
            **({"cue": cue} if cue else {}),
        },
        st.sampled_from("ab"),
        st.integers(0, 9),
        st.text(max_size=5),
        st.none() | cues,
    ),
    st.builds(lambda viewers: {"t": "count", "viewers": viewers, "connections": viewers}, st.integers(0, 9)),
)
FLEETING = {"delta", "count"}


def numbered(talk: list[dict[str, Any]]) -> list[Publication]:
    offset, publications = 0, []
    for body in talk:
        offset += body["t"] not in FLEETING
        data = json.dumps(body, separators=(",", ":")).encode()
        publications.append(Publication(Seq(0 if body["t"] in FLEETING else offset), data))
    return publications


def begin() -> RoomMirror:
    snapshot = {"room": "a", "show": "live", "viewers": 0, "reply": None}
    return RoomMirror(Welcome(Position(LogEpoch("e"), Seq(0)), snapshot, False, ()))


def welcome_at(mirror: RoomMirror, known: int) -> Welcome:
    """What an actor in the state of this mirror says to an edge that knows so much."""
    missed = mirror.since(known)
    assert missed is not None
    return Welcome(mirror.position, json.loads(json.dumps(mirror.snapshot)), True, missed)


@given(st.lists(bodies, max_size=30), st.lists(st.integers(0, 30), max_size=3))
def test_a_mirror_cut_off_anywhere_ends_as_one_that_saw_everything(
    talk: list[dict[str, Any]], cuts: list[int]
) -> None:
    publications = numbered(talk)
    whole, cut_off, viewer = begin(), begin(), begin()
    edges = sorted({0, len(publications), *(min(cut, len(publications)) for cut in cuts)})
    for turn, (first, last) in enumerate(pairwise(edges)):
        for one in publications[first:last]:
            whole.apply(one)
            if turn % 2 == 0:  # every other stretch is lost on the way
                cut_off.apply(one)
                viewer.apply(one)
        if turn % 2:
            lacked = cut_off.resume(welcome_at(whole, cut_off.offset))
            assert lacked is not None
            assert [one for one in publications[first:last] if one.offset] == [
                one for one in lacked if one.offset
            ]
            for one in lacked:
                viewer.apply(one)

    assert cut_off.position == whole.position
    assert cut_off.snapshot == whole.snapshot
    assert cut_off.since(0) == whole.since(0)
    assert caption(viewer) == caption(whole)


def caption(mirror: RoomMirror) -> str | None:
    """The words on air, as a viewer has them who was sent all that this mirror was."""
    reply = mirror.snapshot["reply"]
    return reply["text"] if reply is not None else None


@given(st.lists(bodies, max_size=30), st.integers(0, 30))
def test_who_enters_anywhere_ends_with_the_same_room(talk: list[dict[str, Any]], entered: int) -> None:
    publications = numbered(talk)
    whole = begin()
    for one in publications[:entered]:
        whole.apply(one)
    late = RoomMirror(welcome_at(whole, 0))
    for one in publications[entered:]:
        whole.apply(one)
        late.apply(one)

    assert (late.position, late.snapshot) == (whole.position, whole.snapshot)
    assert late.since(0) == whole.since(0)
