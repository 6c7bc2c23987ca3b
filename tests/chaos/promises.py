"""Owns what must be true of a show beyond its lines: its phases, payments, stories, votes. Pure: what the log holds in,
what is wrong with it out.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from room_actor.show import TRANSITIONS, Phase
from tests.chaos.history import Entry, Json

NOTICED_S = 40.0
"""So long may an actor take viewers to be there who have gone: a dead edge is given up after 15 s, a dead viewer
after that."""


@dataclass(frozen=True, slots=True)
class Voted:
    """A viewer's vote. acknowledged_s: None when it got no answer."""

    viewer: str
    poll: str
    choice: int
    sent_s: float
    acknowledged_s: float | None


def of_phases(entries: Sequence[Entry], begins_in: Phase) -> Iterator[str]:
    """They move only along the table."""
    phase = begins_in
    for entry in entries:
        body = entry.body
        if body["t"] != "show":
            continue
        if body["what"] == "phase":
            was, now = Phase(body["was"]), Phase(body["phase"])
            if was is not phase:
                yield f"at {entry.seq} the show leaves {was}, it was {phase}"
            if not any(now is after for (before, _), after in TRANSITIONS.items() if before is was):
                yield f"at {entry.seq} the show goes from {was} to {now}"
            phase = now
        elif body["what"] == "closed":
            if phase is Phase.OVER:
                yield f"at {entry.seq} the show ends again"
            phase = Phase.OVER


def of_payments(entries: Sequence[Entry]) -> Iterator[str]:
    """Each is in the log once, and answered no more than once."""
    donations = _donations(entries)
    for donation, times in Counter(donations.values()).items():
        if times > 1:
            yield f"the payment {donation} stands in the log {times} times"
    answered = _answered(entries)
    for seq, donation in donations.items():
        if answered[seq] > 1:
            yield f"the payment {donation} at {seq} is answered {answered[seq]} times"


def of_unanswered(entries: Sequence[Entry]) -> Iterator[str]:
    """At rest, with somebody there, every payment is answered, unless the show is over or it was taken back."""
    is_over = any(is_show(entry, "closed") for entry in entries)
    taken_back = {entry.body["of"] for entry in entries if entry.body["t"] == "retract"}
    answered = _answered(entries)
    for seq, donation in _donations(entries).items():
        if not answered[seq] and not is_over and seq not in taken_back:
            yield f"the payment {donation} at {seq} is never answered"


def _donations(entries: Sequence[Entry]) -> dict[int, str]:
    return {entry.seq: entry.body["id"] for entry in entries if entry.body["t"] == "donation"}


def _answered(entries: Sequence[Entry]) -> Counter[int]:
    """How often each line was answered."""
    return Counter(seq for entry in entries if entry.body["t"] == "asked" for seq in answers_of(entry.body))


def of_stories(entries: Sequence[Entry]) -> Iterator[str]:
    """None is opened twice, and none is read twice."""
    opened = Counter(entry.body["story"] for entry in entries if entry.body["t"] == "story")
    read = Counter(
        entry.body["story"]
        for entry in entries
        if entry.body["t"] == "asked" and entry.body.get("kind") == "story"
    )
    for story, times in opened.items():
        if times > 1:
            yield f"the story {story} is opened {times} times"
    for story, times in read.items():
        if times > 1:
            yield f"the story {story} is read {times} times"
        if story not in opened:
            yield f"the story {story} is read and was never opened"


def of_votes(
    entries: Sequence[Entry], stored_s: Mapping[int, float], votes: Sequence[Voted]
) -> Iterator[str]:
    """A vote that was acknowledged before the poll closed is counted, unless the viewer changed it."""
    for entry in entries:
        if not is_show(entry, "poll_closed"):
            continue
        poll, counted = entry.body["poll"], entry.body["votes"]
        here = [vote for vote in votes if vote.poll == poll]
        sure: Counter[int] = Counter()
        for viewer in {vote.viewer for vote in here}:
            theirs = [vote for vote in here if vote.viewer == viewer]
            if len({vote.choice for vote in theirs}) == 1 and any(
                vote.acknowledged_s is not None and vote.acknowledged_s < stored_s[entry.seq]
                for vote in theirs
            ):
                sure[theirs[0].choice] += 1
        for choice, least in sure.items():
            if counted[choice] < least:
                yield f"{poll}: {least} were told that their vote for {choice} counts, {counted} were counted"
        if sum(counted) > len({vote.viewer for vote in here}):
            yield f"{poll}: {counted} were counted of {len(here)} votes"


def of_company(
    entries: Sequence[Entry], stored_s: Mapping[int, float], here: Sequence[tuple[float, float]]
) -> Iterator[str]:
    """Nobody speaks to an empty room. here: (from, to) of each viewer's stay."""
    for entry in entries:
        if entry.body["t"] == "asked":
            at_s = stored_s[entry.seq]
            if not any(came_s <= at_s <= left_s + NOTICED_S for came_s, left_s in here):
                yield f"at {entry.seq} a turn of kind {entry.body['kind']} began at {at_s:.3f} s, nobody was there"


def answers_of(asked: Json) -> list[int]:
    """The lines that a turn answers, those that ask the same with them."""
    alike = [seq for reason in asked.get("reasons", ()) for seq in reason["alike"]]
    return [*asked["answers"], *(seq for seq in alike if seq not in asked["answers"])]


def is_show(entry: Entry, what: str) -> bool:
    return bool(entry.body["t"] == "show" and entry.body["what"] == what)
