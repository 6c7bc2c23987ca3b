"""Owns what must be true of every show. Pure: an outcome in, what is wrong with it out.

The histories are judged by the checker of tests/chaos; here stands what only a simulation can see.
"""

from collections.abc import Iterator

from room_actor.show import Phase
from tests.chaos import checker, promises
from tests.chaos.history import Acknowledged, Entry
from tests.sim.world import Outcome, small_limits


def check(outcome: Outcome) -> list[str]:
    """Every promise that the show broke."""
    with small_limits(outcome.plan):
        violations = [v for history in outcome.histories.values() for v in checker.check(history)]
    return [
        *outcome.problems,
        *map(str, violations),
        *_of_time(outcome),
        *_of_writers(outcome),
        *(wrong for history in outcome.histories.values() for wrong in _of_answers(history.entries)),
        *(_of_show(outcome) if outcome.plan.is_directed else ()),
        *_of_life(outcome),
    ]


def _of_time(outcome: Outcome) -> Iterator[str]:
    """Nobody saw, or was told of, what was not yet on disk."""
    for room, history in outcome.histories.items():
        stored_s = outcome.stored_s.get(room, {})
        for record in history.records:
            for event in record.events:
                if isinstance(event, Acknowledged) and event.at_s < stored_s.get(event.offset, float("inf")):
                    yield f"{event.id} was acknowledged at {event.at_s:.3f} s, before it was stored"
            for offset, _, at_s in checker.durable_of(record):
                if at_s < stored_s.get(offset, float("inf")):
                    yield f"{record.name} saw {offset} at {at_s:.3f} s, before it was stored"


def _of_writers(outcome: Outcome) -> Iterator[str]:
    for (room, fence), owners in sorted(outcome.writers.items()):
        if len(owners) != 1:
            yield f"{room}: {', '.join(sorted(owners))} wrote under fence {fence}"


def _of_answers(entries: list[Entry]) -> Iterator[str]:
    """No line is answered twice, and only lines are answered."""
    answered: dict[int, str] = {}
    kinds = {entry.seq: entry.body["t"] for entry in entries}
    can_be_answered = ("chat", "donation")
    for entry in entries:
        if entry.body["t"] == "asked":
            for seq in promises.answers_of(entry.body):
                if kinds.get(seq) not in can_be_answered or seq >= entry.seq:
                    yield f"{entry.body['reply']} answers {seq}, which is no line before it"
                first = answered.setdefault(seq, entry.body["reply"])
                if first != entry.body["reply"]:
                    yield f"{seq} is answered by {first} and {entry.body['reply']}"


def _of_show(outcome: Outcome) -> Iterator[str]:
    plan = outcome.plan
    begins_in = Phase.OPENING if plan.knobs["opening"] else Phase.CHATTING
    for room, history in outcome.histories.items():
        stored_s, entries = outcome.stored_s[room], history.entries
        stays = outcome.stays[room]
        for wrong in (
            *promises.of_phases(entries, begins_in if plan.starts_s is None else Phase.SCHEDULED),
            *(promises.of_unanswered(entries) if stays else ()),
            *promises.of_votes(entries, stored_s, outcome.votes[room]),
            *promises.of_company(entries, stored_s, stays),
        ):
            yield f"{room}: {wrong}"


def _of_life(outcome: Outcome) -> Iterator[str]:
    """A show in which nothing happens proves nothing."""
    for room, history in outcome.histories.items():
        said = {line.client_id for line in outcome.plan.lines if outcome.plan.viewers[line.viewer][1] == room}
        stored = {entry.client_id for entry in history.entries if entry.body["t"] == "chat"}
        if any(promises.is_show(entry, "closed") for entry in history.entries):
            said = {client_id for client_id in said if client_id in stored}  # others came when it was over
        seen = {offset for record in history.records for offset, _, _ in checker.durable_of(record)}
        if stored != said:
            yield f"{room}: {len(said)} lines were said, {len(stored)} are stored"
        # In a small show one who comes late may be shown the room as it stands, and nothing of how it came about.
        if said and not seen and not outcome.plan.is_small:
            yield f"{room}: nobody saw anything"
