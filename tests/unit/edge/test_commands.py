"""What a frame of a viewer means. The malformed ones are in tests/integration/test_viewer_malformed.py, on the wire."""

import pytest

from edge.commands import (
    COMMANDS_A_FRAME_MOST,
    Command,
    Connect,
    History,
    Malformed,
    Method,
    Ping,
    Pong,
    Presence,
    PresenceStats,
    Publish,
    Refresh,
    Rpc,
    Send,
    StreamPosition,
    SubRefresh,
    Subscribe,
    UnknownMethod,
    Unsubscribe,
    parse_frame,
)


@pytest.mark.parametrize(
    ("body", "method"),
    [
        ('"connect":{}', Connect()),
        (
            '"connect":{"token":"t","data":{"a":1},"name":"js","version":"5","subs":{"x":{}},"headers":{}}',
            Connect("t", {"a": 1}, "js", "5", {"x": {}}),
        ),
        ('"connect":{"data":null}', Connect()),
        ('"subscribe":{"channel":"room:a"}', Subscribe("room:a")),
        (
            '"subscribe":{"channel":"room:a","recover":true,"epoch":"e","offset":9,"data":"x","delta":"fossil"}',
            Subscribe("room:a", recover=True, epoch="e", offset=9, data="x"),
        ),
        ('"unsubscribe":{"channel":"a"}', Unsubscribe("a")),
        ('"publish":{"channel":"a","data":[1]}', Publish("a", [1])),
        ('"rpc":{"method":"say","data":{}}', Rpc("say", {})),
        ('"rpc":{}', Rpc()),
        ('"history":{"channel":"a"}', History("a")),
        (
            '"history":{"channel":"a","limit":-1,"since":{"offset":3,"epoch":"e"},"reverse":true}',
            History("a", -1, StreamPosition(3, "e"), True),
        ),
        ('"presence_stats":{"channel":"a"}', PresenceStats("a")),
        ('"presence":{"channel":"a"}', Presence("a")),
        ('"ping":{}', Ping()),
        ('"send":{"data":1}', Send(1)),
        ('"refresh":{"token":"t"}', Refresh("t")),
        ('"sub_refresh":{"channel":"a","token":"t"}', SubRefresh("a", "t")),
    ],
)
def test_every_command_of_the_protocol_is_understood(body: str, method: Method) -> None:
    assert parse_frame(f'{{"id":5,{body}}}') == [Command(5, method)]


def test_a_frame_holds_one_object_a_line_and_blank_lines_say_nothing() -> None:
    assert parse_frame('\n{}\r\n\n{"id":1,"ping":{}}\n{"id":2,"fly":{}}\n') == [
        Pong(),
        Command(1, Ping()),
        UnknownMethod(2),
    ]


def test_reading_stops_at_the_first_malformed_object() -> None:
    first, second = parse_frame('{"id":1,"ping":{}}\noops\n{"id":2,"ping":{}}')

    assert first == Command(1, Ping())
    assert isinstance(second, Malformed)


def test_a_frame_of_too_many_commands_is_not_read_at_all() -> None:
    ping = '{"id":1,"ping":{}}\n'

    assert parse_frame(ping * COMMANDS_A_FRAME_MOST) == [Command(1, Ping())] * COMMANDS_A_FRAME_MOST
    [alone] = parse_frame(ping * (COMMANDS_A_FRAME_MOST + 1))
    assert isinstance(alone, Malformed)


def test_only_a_message_without_an_answer_needs_no_id() -> None:
    assert parse_frame('{"send":{}}') == [Command(0, Send())]
    assert isinstance(parse_frame('{"ping":{}}')[0], Malformed)


@pytest.mark.parametrize("number", [1, 2**32 - 1])
def test_ids_go_to_the_end_of_their_range(number: int) -> None:
    assert parse_frame(f'{{"id":{number},"ping":{{}}}}') == [Command(number, Ping())]
