"""Owns telling a show so that a person can follow it: plan, faults, logs, what viewers did and saw, by time."""

from collections.abc import Iterator

from tests.chaos.history import Acknowledged, Closed, Connected, Entered, Event, Published, Refused, Said
from tests.sim.plan import Plan
from tests.sim.world import Outcome

TOLD = frozenset(
    ("t", "id", "reply", "kind", "answers", "cut", "text", "what", "phase", "story", "poll", "votes")
)
"""Of an event's body."""


def plan_lines(plan: Plan) -> Iterator[str]:
    """The plan alone."""
    yield f"seed {plan.seed}: {plan.edges} edges, {plan.actors} actors, rooms {', '.join(plan.rooms)}"
    for number, (identity, room) in enumerate(plan.viewers):
        yield f"  window-{number}: {identity} in {room}"
    for line in plan.lines:
        yield f"  {line.at_s:7.3f}  window-{line.viewer} says {line.client_id}"
    for act in plan.acts:
        yield f"  {act.at_s:7.3f}  {act.id}: {act.kind} (room {act.room}, viewer {act.viewer}, size {act.size:.2f})"
    for fault in plan.faults:
        yield (
            f"  {fault.at_s:7.3f}  {fault.kind} for {fault.lasts_s:.3f} s"
            f" (where {fault.where}, other {fault.other}, size {fault.size:.2f})"
        )


def story_lines(outcome: Outcome) -> Iterator[str]:
    """Everything, by time."""
    told: list[tuple[float, str]] = [(at_s, f"  {what}") for at_s, what in outcome.trace]
    for history in outcome.histories.values():
        for record in history.records:
            told += [(event.at_s, f"{record.name:>10} {_told(event)}") for event in record.events]
    for room, stored_s in outcome.stored_s.items():
        for entry in outcome.histories[room].entries:
            what = {
                k: v
                for k, v in entry.body.items()
                if k
                in (
                    "t",
                    "id",
                    "reply",
                    "kind",
                    "answers",
                    "cut",
                    "text",
                    "what",
                    "phase",
                    "story",
                    "poll",
                    "votes",
                )
            }
            told.append((stored_s[entry.seq], f"  store {room} {entry.seq} under {entry.fence}: {what}"))
    for fault in next(iter(outcome.histories.values())).faults:
        told.append((fault.began_s, f"* {fault.kind} ({fault.target}) until {fault.ended_s:.3f}"))
    for at_s, what in sorted(told, key=lambda at_and_what: at_and_what[0]):
        yield f"{at_s:8.3f} {what}"


def _told(event: Event) -> str:
    match event:
        case Connected(edge=edge):
            return f"connected to {edge}"
        case Closed(edge=edge, code=code):
            return f"closed by {edge} with {code}"
        case Entered():
            brought = [publication["offset"] for publication in event.publications]
            on = f", {event.reply['reply']} is on: {event.reply['text']!r}" if event.reply else ""
            recovered = f" recovered {event.recovered} {brought}" if event.was_recovering else ""
            return f"entered {event.edge} at {event.offset}{recovered}{on}"
        case Published(offset=offset, data=data):
            shown = {k: v for k, v in data.items() if k in ("t", "id", "reply", "at", "text", "viewers")}
            return f"sees {offset} {shown}"
        case Said(id=client_id):
            return f"says {client_id}"
        case Acknowledged(id=client_id, offset=offset):
            return f"has {client_id} acknowledged at {offset}"
        case Refused(id=client_id, code=code):
            return f"has {client_id} refused with {code}"
