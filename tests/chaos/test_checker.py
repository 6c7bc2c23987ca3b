"""The checker is only worth something if it fails: every test here breaks one promise in a history that kept them."""

import copy
from dataclasses import replace
from pathlib import Path
from typing import Any

from runtime.refusal import Code
from tests.chaos import history as histories
from tests.chaos.checker import Broken, check
from tests.chaos.history import (
    Acknowledged,
    Closed,
    Connected,
    Entered,
    Entry,
    History,
    Injected,
    Json,
    Paid,
    Published,
    Record,
    Refused,
    Said,
)

CHAT = [{"t": "chat", "id": f"a-{n}", "viewer": "v_a", "text": f"line {n}", "ts": n} for n in range(1, 4)]
ASKED: Json = {"t": "asked", "reply": "t_1", "persona": "oh-yul", "answers": [1], "why": "oldest", "ts": 4}
REPLY: Json = {"t": "reply", "reply": "t_1", "persona": "oh-yul", "text": "hello there", "cues": [], "ts": 5}
BODIES: list[Json] = [*CHAT, ASKED, REPLY]


def entry(seq: int, body: Json, fence: int = 1) -> Entry:
    said = body["t"] == "chat"
    return Entry(seq, fence, body["viewer"] if said else None, body["id"] if said else None, body)


def entered(offset: int, **changes: Any) -> Entered:
    fields: dict[str, Any] = {
        "at_s": 0.1,
        "edge": "edge-1",
        "epoch": "e",
        "offset": offset,
        "was_recovering": False,
        "recovered": False,
        "publications": [],
        "reply": None,
    }
    return Entered(**{**fields, **changes})


def delta(at: int, text: str, *, at_s: float = 14.5, reply: str = "t_1") -> Published:
    return Published(at_s, 0, {"t": "delta", "reply": reply, "at": at, "text": text})


def kept() -> History:
    """A round in which everything went well: one speaks, both watch, `b` comes back once after its edge was killed."""
    speaker = Record("a", "v_a", [Connected(0.0, "edge-1"), entered(0)])
    for n, body in enumerate(CHAT, 1):
        speaker.events += [Said(n, body["id"], body["text"]), Acknowledged(n + 0.1, body["id"], n)]
        speaker.events.append(Published(n + 0.2, n, body))
    speaker.events += [
        Published(14, 4, ASKED),
        delta(0, "hello"),
        delta(5, " there"),
        Published(15, 5, REPLY),
    ]
    watcher = Record("b", "v_b", [Connected(0.0, "edge-2"), entered(0, edge="edge-2")])
    watcher.events += [Published(1.2, 1, CHAT[0]), Closed(1.5, "edge-2", 1006), Connected(3.3, "edge-1")]
    recovered = [{"offset": 2, "data": CHAT[1]}, {"offset": 3, "data": CHAT[2]}]
    watcher.events.append(entered(3, at_s=3.4, was_recovering=True, recovered=True, publications=recovered))
    watcher.events += [
        Published(14, 4, ASKED),
        delta(0, "hello"),
        delta(5, " there"),
        Published(15, 5, REPLY),
    ]
    return History(
        [entry(seq, body) for seq, body in enumerate(BODIES, 1)],
        [speaker, watcher],
        [Injected("kill edge", "edge-2", 1.4, 1.6, ("edge-2",))],
    )


def found(history: History) -> set[Broken]:
    return {violation.broken for violation in check(history)}


def without(record: Record, *places: int) -> None:
    record.events = [event for place, event in enumerate(record.events) if place not in places]


def place_of(record: Record, offset: int) -> int:
    return next(
        n for n, event in enumerate(record.events) if isinstance(event, Published) and event.offset == offset
    )


def test_a_round_that_kept_every_promise_has_no_violation() -> None:
    assert check(kept()) == []


def test_an_acknowledged_line_that_the_log_lacks_is_lost() -> None:
    history = kept()
    history.entries[2] = entry(3, {**CHAT[2], "id": "another"})
    assert Broken.LOST in found(history)


def test_a_line_without_an_answer_in_the_end_is_told() -> None:
    history = kept()
    history.records[0].events.append(Said(6, "a-9", "line 9"))
    assert found(history) == {Broken.UNANSWERED}


def test_a_line_refused_for_good_is_told_and_a_temporary_refusal_is_not() -> None:
    history = kept()
    history.records[0].events.insert(3, Refused(1.05, "a-1", 100, temporary=True))
    assert check(history) == []
    history.records[0].events.insert(3, Refused(1.05, "a-1", 107, temporary=False))
    assert found(history) == {Broken.REFUSED}


def test_a_client_id_that_stands_twice_is_doubled() -> None:
    history = kept()
    history.entries.append(entry(6, CHAT[0]))
    assert found(history) == {Broken.DOUBLED}


def test_the_same_client_id_of_two_viewers_is_two_messages() -> None:
    history = kept()
    history.entries.append(entry(6, {**CHAT[0], "viewer": "v_b"}))
    assert check(history) == []


def test_an_offset_that_holds_another_line_is_no_acknowledgement() -> None:
    history = kept()
    events = history.records[0].events
    first = next(n for n, event in enumerate(events) if isinstance(event, Acknowledged))
    events[first] = Acknowledged(1.1, "a-1", 2)
    assert found(history) == {Broken.MISPLACED}


def test_a_line_that_stands_with_another_text_is_no_acknowledgement() -> None:
    history = kept()
    changed = {**CHAT[0], "text": "other words"}
    history.entries[0] = entry(1, changed)
    for record in history.records:
        record.events[place_of(record, 1)] = Published(1.2, 1, changed)
    assert found(history) == {Broken.MISPLACED}


def test_a_second_answer_must_name_the_first_place() -> None:
    history = kept()
    history.records[0].events += [Said(6, "a-1", "line 1"), Acknowledged(6.1, "a-1", 1)]
    assert check(history) == []
    history.records[0].events += [Said(7, "a-1", "line 1"), Acknowledged(7.1, "a-1", 5)]
    assert found(history) == {Broken.MISPLACED}


def test_a_missing_number_in_the_log_is_a_gap() -> None:
    history = kept()
    history.entries = [e if e.seq < 5 else replace(e, seq=6) for e in history.entries]
    assert Broken.LOG_GAP in found(history)


def test_a_fence_that_falls_along_the_log_is_a_deposed_owner_who_wrote() -> None:
    history = kept()
    history.entries[1] = replace(history.entries[1], fence=2)
    assert found(history) == {Broken.FENCE}


def test_a_publication_that_a_viewer_lacks_is_a_gap() -> None:
    history = kept()
    without(history.records[0], place_of(history.records[0], 2))
    assert found(history) == {Broken.GAP}


def test_a_publication_that_comes_twice_is_a_gap_too() -> None:
    history = kept()
    events = history.records[0].events
    place = place_of(history.records[0], 2)
    events.insert(place, events[place])
    assert found(history) == {Broken.GAP}


def test_a_recovery_that_brings_too_little_is_a_gap() -> None:
    history = kept()
    events = history.records[1].events
    place = next(n for n, event in enumerate(events) if isinstance(event, Entered) and event.was_recovering)
    events[place] = replace(events[place], publications=events[place].publications[:1])
    assert Broken.GAP in found(history)


def test_a_recovery_refused_within_reach_is_told() -> None:
    history = kept()
    events = history.records[1].events
    place = next(n for n, event in enumerate(events) if isinstance(event, Entered) and event.was_recovering)
    events[place] = replace(events[place], publications=[], recovered=False)
    assert found(history) == {Broken.UNRECOVERED}


def test_an_edge_that_is_behind_the_viewer_may_not_refuse_either() -> None:
    history = kept()
    events = history.records[1].events
    place = next(n for n, event in enumerate(events) if isinstance(event, Entered) and event.was_recovering)
    events[place] = replace(events[place], publications=[], recovered=False, offset=0)
    assert Broken.UNRECOVERED in found(history)


def test_two_viewers_who_saw_another_order_disagree_even_without_the_log() -> None:
    history = kept()
    events = history.records[0].events
    one, two = place_of(history.records[0], 1), place_of(history.records[0], 2)
    events[one], events[two] = Published(1.2, 1, CHAT[1]), Published(2.2, 2, CHAT[0])
    assert {Broken.ORDER, Broken.FOREIGN} <= found(history)


def test_what_was_seen_and_is_not_in_the_log_is_foreign() -> None:
    history = kept()
    del history.entries[-1]
    assert found(history) == {Broken.FOREIGN}


def test_a_piece_that_begins_beyond_what_was_said_does_not_join() -> None:
    history = kept()
    events = history.records[0].events
    events.remove(delta(0, "hello"))
    assert found(history) == {Broken.UNJOINED}


def test_pieces_that_do_not_make_the_reply_do_not_join() -> None:
    history = kept()
    history.records[0].events.remove(delta(5, " there"))
    assert found(history) == {Broken.UNJOINED}


def test_a_fault_may_take_the_last_pieces_of_a_reply_but_leaves_no_hole() -> None:
    history = kept()
    history.faults.append(Injected("kill owner", "room-actor-1", 14.4, 14.8))
    history.records[0].events.remove(delta(5, " there"))
    assert check(history) == []
    history.records[0].events.remove(delta(0, "hello"))
    history.records[0].events.insert(-1, delta(5, " there"))
    assert found(history) == {Broken.UNJOINED}


def test_a_turn_spoken_anew_joins_from_its_beginning() -> None:
    history = kept()
    events = history.records[0].events
    place = events.index(delta(0, "hello"))
    events[place:place] = [delta(0, "goodbye"), delta(7, " and")]
    assert check(history) == []


def test_a_turn_that_comes_whole_in_a_recovery_has_no_pieces() -> None:
    history = kept()
    whole = [{"offset": seq, "data": body} for seq, body in enumerate(BODIES, 1)]
    late = Record("c", "v_c", [Connected(0, "edge-1"), entered(0)])
    late.events.append(entered(5, at_s=20, was_recovering=True, recovered=True, publications=whole))
    history.records.append(late)
    assert check(history) == []


def test_a_piece_of_a_turn_that_is_not_on_does_not_join() -> None:
    history = kept()
    history.records[0].events.append(delta(0, "late", at_s=16))
    assert found(history) == {Broken.UNJOINED}


def test_a_viewer_who_comes_in_amid_a_reply_goes_on_from_the_snapshot() -> None:
    history = kept()
    reply = {
        "reply": "t_1",
        "persona": "oh-yul",
        "text": "hello",
        "cues": [],
        "answers": [1],
        "why": "oldest",
    }
    late = Record("c", "v_c", [Connected(14.3, "edge-1"), entered(4, at_s=14.4, reply=reply)])
    late.events += [delta(5, " there"), Published(15, 5, REPLY)]
    history.records.append(late)
    assert check(history) == []
    late.events[1] = entered(4, at_s=14.4, reply={**reply, "text": "hel"})
    assert found(history) == {Broken.UNJOINED}


def test_a_socket_that_ends_while_its_edge_is_well_was_dropped() -> None:
    history = kept()
    history.faults = [Injected("kill owner", "room-actor-1", 1.4, 1.6)]
    assert found(history) == {Broken.DROPPED}


def test_a_fault_of_one_edge_excuses_no_other() -> None:
    history = kept()
    history.faults = [Injected("kill edge", "edge-1", 1.4, 1.6, ("edge-1",))]
    assert found(history) == {Broken.DROPPED}


def test_a_turn_that_ends_twice_was_spoken_twice() -> None:
    history = kept()
    history.entries.append(entry(6, REPLY))
    assert found(history) == {Broken.TURN}


def test_two_turns_at_a_time_are_told() -> None:
    history = kept()
    history.entries.insert(4, entry(5, {**ASKED, "reply": "t_2"}))
    history.entries[5] = entry(6, REPLY)
    assert Broken.TURN in found(history)


def test_a_process_that_died_by_itself_is_told() -> None:
    history = kept()
    history.deaths = ["edge-1"]
    assert found(history) == {Broken.DIED}


def test_a_history_comes_back_from_its_file_as_it_was(tmp_path: Path) -> None:
    history = kept()
    history.write(tmp_path / "history.jsonl")
    before = copy.deepcopy(history)
    assert histories.read(tmp_path / "history.jsonl") == before


DONATION: Json = {
    "t": "donation",
    "id": "p-1",
    "viewer": "",
    "nick": "하늘",
    "amount": 1,
    "currency": "KRW",
    "text": "",
}


def paid(*bodies: Json) -> History:
    """A log of these, and a payment that was acknowledged at 1."""
    return History([entry(seq, body) for seq, body in enumerate(bodies, 1)], payments=[Paid(0.5, "p-1", 1)])


def test_an_acknowledged_payment_that_is_not_in_the_log_is_lost() -> None:
    assert check(paid(DONATION)) == []
    assert found(paid(CHAT[0])) == {Broken.UNPAID}


def test_a_payment_that_is_in_the_log_twice_or_answered_twice_is_told() -> None:
    assert found(paid(DONATION, DONATION)) == {Broken.SHOW}
    asked = {**ASKED, "reply": "t_2"}
    assert found(paid(DONATION, ASKED, REPLY, asked, {**REPLY, "reply": "t_2"})) == {Broken.SHOW}


def test_a_story_that_is_opened_twice_is_told() -> None:
    story: Json = {"t": "story", "story": "s_1"}
    assert found(paid(DONATION, story, story)) == {Broken.SHOW}


def test_a_line_that_came_after_the_end_may_be_refused_and_only_then() -> None:
    history = kept()
    history.records[0].events += [Said(20, "a-9", "too late"), Refused(20.1, "a-9", Code.ROOM_OVER, False)]
    assert found(history) == {Broken.REFUSED, Broken.UNANSWERED}
    history.entries.append(entry(6, {"t": "show", "what": "closed", "ts": 6}))
    assert check(history) == []
