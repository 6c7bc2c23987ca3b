"""The rules of one connection as a table: frames in, acts out."""

import json

import pytest

from edge.channels import room_of
from edge.close_codes import Close
from edge.commands import Command, Ping, parse_frame
from edge.rate import Allowance, Limit, TokenBucket
from edge.rpcs import React, Tell
from edge.session import CHANNELS_MOST, Act, Asked, Disconnect, Do, Refuse, Said, Session
from store.ids import ClientId, RoomId

SAY = '{"id":3,"rpc":{"method":"say","data":{"channel":"room:a","text":"말","id":"m1"}}}'
PUBLISH = '{"id":3,"publish":{"channel":"room:a","data":{"text":"말","id":"m1"}}}'
PING = '{"id":4,"ping":{}}'


def command(frame: str) -> Command:
    [parsed] = parse_frame(frame)
    assert isinstance(parsed, Command)
    return parsed


def play(*frames: str, burst: float = 100, opens: bool = True) -> list[Act]:
    """The acts after `connect`; a shell that carries each out, and stops at a disconnect."""
    session = Session()
    if opens:
        session.opened(Allowance(TokenBucket(1.0, burst)))
    acts: list[Act] = []
    for frame in frames:
        for act in session.take(frame, now_s=0.0):
            acts.append(act)
            if isinstance(act, Disconnect):
                session.closed()
    return acts


TELL = json.dumps(
    {
        "id": 3,
        "rpc": {
            "method": "tell",
            "data": {
                "channel": "room:a",
                "id": "s1",
                "title": "잊는 법",
                "text": "가" * 30,
                "stage": "breakup",
                "anonymous": False,
                "may_clip": False,
                "age_band": "40+",
            },
        },
    }
)
REACT = '{"id":3,"rpc":{"method":"react","data":{"channel":"room:a","kind":"heart"}}}'


def brief(acts: list[Act]) -> list[object]:
    """`do`, `said` and `asked` by id, refusals by id and code, a disconnect by its code."""
    told: list[object] = []
    for act in acts:
        match act:
            case Do(done):
                told.append(("do", done.id))
            case Said(said):
                told.append(("said", said.id))
            case Asked(asked):
                told.append(("asked", asked.id))
            case Refuse(number, refused):
                told.append((number, int(refused.code)))
            case Disconnect(code):
                told.append(int(code))
    return told


@pytest.mark.parametrize(
    ("frames", "acts"),
    [
        ([PING], [("do", 4)]),
        (["{}"], []),
        (['{"send":{}}'], []),
        ([PING + "\n" + PING], [("do", 4), ("do", 4)]),
        (["oops"], [3501]),
        (["oops", PING], [3501]),
        ([PING + "\noops\n" + PING], [("do", 4), 3501]),
        (['{"id":1,"connect":{}}'], [3501]),
        (['{"id":1,"connect":{}}\n' + PING], [3501]),
        (['{"id":1,"fly":{}}', PING], [(1, 104), ("do", 4)]),
        (['{"id":1,"rpc":{"method":"fly"}}'], [(1, 104)]),
        ([SAY], [("said", 3)]),
        ([PUBLISH], [("said", 3)]),
        (['{"id":1,"publish":{"channel":"nowhere","data":{"text":"a","id":"b"}}}'], [(1, 102)]),
        (['{"id":1,"publish":{"channel":"lobby","data":{"text":"a","id":"b"}}}'], [(1, 102)]),
        (['{"id":1,"publish":{"channel":"room:a"}}'], [(1, 107)]),
        (['{"id":1,"publish":{"channel":"room:a","data":{"text":"a","id":""}}}'], [(1, 107)]),
        (['{"id":1,"subscribe":{"channel":"room:a"}}'] * 2, [("do", 1), (1, 105)]),
        (['{"id":1,"subscribe":{"channel":"lobby"}}'] * 2, [("do", 1), (1, 105)]),
        (['{"id":1,"subscribe":{"channel":"elsewhere"}}'], [(1, 102)]),
        (['{"id":1,"unsubscribe":{"channel":"room:a"}}'], [("do", 1)]),
        (['{"id":1,"history":{"channel":"room:a"}}'], [("do", 1)]),
        (['{"id":1,"refresh":{"token":"t"}}'], [("do", 1)]),
    ],
)
def test_what_comes_leads_to_what_is_done(frames: list[str], acts: list[object]) -> None:
    assert brief(play(*frames)) == acts


@pytest.mark.parametrize("frame", [PING, SAY, "{}", '{"send":{}}', '{"id":1,"fly":{}}', "oops", ""])
def test_nothing_but_connect_comes_first(frame: str) -> None:
    assert brief(play(frame, opens=False)) == [3501]


def test_connect_is_handed_on_and_opens_only_when_the_shell_says_so() -> None:
    session = Session()
    connect = '{"id":1,"connect":{}}'

    assert brief(list(session.take(connect, 0.0))) == [("do", 1)]
    assert brief(list(session.take(connect, 0.0))) == [("do", 1)]  # the first token may have been refused
    session.opened(Allowance(TokenBucket(1.0, 1.0)))
    assert brief(list(session.take(PING, 0.0))) == [("do", 4)]


def test_an_act_that_opens_lets_the_rest_of_the_same_frame_pass() -> None:
    session = Session()
    acts = []
    for act in session.take('{"id":1,"connect":{}}\n' + PING, 0.0):
        acts.append(act)
        session.opened(Allowance(TokenBucket(1.0, 1.0)))

    assert brief(acts) == [("do", 1), ("do", 4)]


def test_words_are_handed_on_as_they_came() -> None:
    for frame in (SAY, PUBLISH):
        assert play(frame) == [Said(command(frame), RoomId("a"), ClientId("m1"), "말")]


def test_speaking_too_fast_is_refused_and_costs_nothing_else() -> None:
    assert brief(play(SAY, SAY, SAY, PING, burst=2)) == [("said", 3), ("said", 3), (3, 111), ("do", 4)]


def test_what_is_malformed_costs_no_token() -> None:
    refused = '{"id":1,"publish":{"channel":"room:a","data":{}}}'

    assert brief(play(refused, refused, SAY, burst=1)) == [(1, 107), (1, 107), ("said", 3)]


def test_one_channel_too_many_closes() -> None:
    frames = [f'{{"id":{n},"subscribe":{{"channel":"room:{n}"}}}}' for n in range(1, CHANNELS_MOST + 2)]
    acts = play(*frames)

    assert len(acts) == CHANNELS_MOST + 1
    assert acts[-1] == Disconnect(Close.CHANNEL_LIMIT)


@pytest.mark.parametrize(
    ("channel", "room"),
    [
        ("room:panel", "panel"),
        ("room:" + "x" * 64, "x" * 64),
        ("room:" + "x" * 65, None),
        ("room:", None),
        ("room", None),
        ("Room:a", None),
        ("room:a\n", None),
        ("room:\x00", None),
        ("lobby", None),
        ("", None),
    ],
)
def test_a_rooms_channel_names_it(channel: str, room: str | None) -> None:
    assert room_of(channel) == room


def test_ping_is_a_command_of_its_own() -> None:
    assert play(PING) == [Do(Command(4, Ping()))]


def test_what_is_asked_by_rpc_is_handed_on_in_its_shape() -> None:
    [told, reacted] = play(TELL, REACT)
    assert isinstance(told, Asked)
    assert isinstance(told.asking, Tell)
    assert (told.asking.room, told.asking.title) == ("a", "잊는 법")
    assert reacted == Asked(command(REACT), React(RoomId("a"), "heart"))
    assert brief(play(REACT.replace("heart", "skull"), REACT.replace("react", "fly"))) == [(3, 107), (3, 104)]


def test_reactions_have_a_limit_of_their_own() -> None:
    burst = int(Limit.REACT.value[1])
    reacted = brief(play(*[REACT] * (burst + 1), SAY, burst=1))
    assert reacted == [("asked", 3)] * burst + [(3, 111), ("said", 3)]


def test_a_few_stories_a_minute_can_be_told_and_a_malformed_one_is_none_of_them() -> None:
    few = int(Limit.TELL.value[1])
    malformed = TELL.replace("40+", "?")
    acts = brief(play(malformed, malformed, *[TELL] * (few + 1)))
    assert acts == [(3, 107)] * 2 + [("asked", 3)] * few + [(3, 111)]


def test_what_is_asked_without_end_is_refused_whatever_it_is() -> None:
    many = int(Limit.ASK.value[1])
    acts = brief(play(*['{"id":3,"rpc":{"method":"memory.list"}}'] * (many + 1)))
    assert acts == [(3, 107)] * many + [(3, 111)]


def test_a_viewers_limits_fill_again() -> None:
    allowance = Allowance(TokenBucket(1.0, 1.0))
    assert [allowance.may(Limit.TELL, 0.0) for _ in range(4)] == [True, True, True, False]
    assert [allowance.may(Limit.TELL, 20.0) for _ in range(2)] == [True, False]
    assert allowance.may(Limit.ASK, 20.0)
