"""What the launcher shows of its children."""

import io

from cli.console import Console


def test_every_line_carries_its_childs_name_in_one_column() -> None:
    out = io.StringIO()
    console = Console(out)
    console.expect(["edge-1", "room-actor-1"])
    console.say("edge-1", "hello")
    console.say("room-actor-1", "안녕하세요")
    assert out.getvalue() == "edge-1       | hello\nroom-actor-1 | 안녕하세요\n"


def test_colours_are_for_terminals_and_differ_by_name() -> None:
    out = io.StringIO()
    console = Console(out, coloured=True)
    console.expect(["edge-1", "edge-2"])
    console.say("edge-1", "x")
    console.say("edge-2", "x")
    first, second = out.getvalue().splitlines()
    assert first.startswith("\x1b[")
    assert first.endswith("\x1b[0m x")
    assert first.split("m")[0] != second.split("m")[0]


def test_a_reader_that_has_gone_is_no_reason_to_stop() -> None:
    out = io.StringIO()
    out.close()
    Console(out, coloured=False).note("still here")
