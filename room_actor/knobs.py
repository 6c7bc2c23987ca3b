"""Owns what operators can turn in a room while it is live: each knob with its limits and what it does. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

from runtime.refusal import Code, Refused


@dataclass(frozen=True, slots=True)
class Limit:
    """least and most: both allowed. or_zero: 0 is, too. what: for people, in a sentence."""

    what: str
    least: float = 0
    most: float = 1
    or_zero: bool = False

    def allows(self, number: float) -> bool:
        return self.least <= number <= self.most or (self.or_zero and number == 0)

    def __str__(self) -> str:
        return f"{'0, or ' if self.or_zero else ''}{self.least:g} to {self.most:g}"


def _knob(default: Any, what: str, least: float = 0, most: float = 1, *, or_zero: bool = False) -> Any:
    return field(default=default, metadata={"limit": Limit(what, least, most, or_zero)})


@dataclass(frozen=True, slots=True)
class Knobs:
    """How a room is run. `describe` tells what each does."""

    width: int = _knob(3, "lines answered in one turn", 1, 8)
    pause_ms: int = _knob(
        1_200, "pause between two turns (ms), so that viewers can take in what was said", 0, 60_000
    )
    pace: float = _knob(
        1.0, "times the persona's speaking speed; 0: words go out as they come", 0.1, 20, or_zero=True
    )
    opening: bool = _knob(True, "the persona opens the show in its own words")
    closing: bool = _knob(True, "the persona ends the show in its own words")
    idle_after_s: int = _knob(40, "quiet (s) after which the persona talks by itself; 0: never", 0, 3_600)
    idle_most_s: int = _knob(
        900, "most (s) between two such talks while nobody answers; each waits longer", 10, 86_400
    )
    notice_every_s: int = _knob(
        1_800, "seconds between two notices that an AI speaks; 0: none at all", 0, 86_400
    )
    max_age_s: int = _knob(
        1_200, "age (s) from which a line is answered no longer; a paid one always is", 30, 86_400
    )
    cooldown_s: int = _knob(
        120, "seconds after an answer in which the same viewer gives way to others", 0, 3_600
    )
    newcomer_bonus_s: int = _knob(60, "seconds of waiting that one who was never answered is ahead", 0, 3_600)
    paid_in_a_row: int = _knob(
        2, "paid turns after which one for the others comes, when somebody waits", 1, 100
    )
    stories_every_s: int = _knob(
        0, "seconds of chat after which the next story opens by itself; 0: never", 0, 86_400
    )
    vote_s: int = _knob(60, "seconds of the vote after a panel, at least 10; 0: no vote", 0, 3_600)


DEFAULTS = Knobs()


def describe() -> dict[str, Limit]:
    """Every knob by name, in order."""
    return {knob.name: knob.metadata["limit"] for knob in fields(Knobs)}


def read(changes: Mapping[str, Any]) -> dict[str, Any] | Refused:
    """The changes as a knob takes them: known names, right types, within the limits. Refused (107) names the first
    that is wrong."""
    known = {knob.name: knob for knob in fields(Knobs)}
    if not changes:
        return Refused(Code.BAD_REQUEST, "knobs: an object with at least one of " + ", ".join(known))
    wanted: dict[str, Any] = {}
    for name, value in changes.items():
        if name not in known:
            return Refused(
                Code.BAD_REQUEST, "knobs: there is none of that name; known are " + ", ".join(known)
            )
        kind: type = type(known[name].default)
        limit: Limit = known[name].metadata["limit"]
        if kind is float and type(value) is int:
            value = float(value)
        if type(value) is not kind:
            return Refused(
                Code.BAD_REQUEST, f"{name}: must be {'true or false' if kind is bool else 'a number'}"
            )
        number: Any = value
        if kind is not bool and not limit.allows(number):
            return Refused(Code.BAD_REQUEST, f"{name}: {limit}")
        wanted[name] = value
    return wanted


def turned(knobs: Knobs, changes: Mapping[str, Any]) -> Knobs:
    """The knobs after changes that `read` let pass. What this version does not know, or would not let pass, is left
    out: an event of another version never fails."""
    good = {name: value for name, value in changes.items() if not isinstance(read({name: value}), Refused)}
    return replace(knobs, **good)
