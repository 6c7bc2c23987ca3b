"""What operators can turn: known names, right types, within limits; and what an event of another version does."""

from typing import Any

import pytest

from room_actor.knobs import DEFAULTS, describe, read, turned
from runtime.refusal import Code, Refused


def test_what_may_be_turned_is_turned() -> None:
    wanted = read({"width": 5, "pace": 2, "opening": False})
    assert wanted == {"width": 5, "pace": 2.0, "opening": False}
    knobs = turned(DEFAULTS, wanted)
    assert (knobs.width, knobs.pace, knobs.opening) == (5, 2.0, False)
    assert knobs.pause_ms == DEFAULTS.pause_ms


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({}, "width"),
        ({"volume": 11}, "paid_in_a_row"),
        ({"width": 0}, "width: 1 to 8"),
        ({"width": 9}, "width: 1 to 8"),
        ({"width": 2.5}, "width: must be a number"),
        ({"width": True}, "width: must be a number"),
        ({"width": "3"}, "width: must be a number"),
        ({"opening": 1}, "opening: must be true or false"),
        ({"pace": float("nan")}, "pace: 0, or 0.1 to 20"),
        ({"pace": float("inf")}, "pace: 0, or 0.1 to 20"),
        ({"pace": 1e-9}, "pace: 0, or 0.1 to 20"),
        ({"width": 2, "pause_ms": -1}, "pause_ms: 0 to 60000"),
    ],
)
def test_what_may_not_is_refused_with_the_knob_and_its_limits(changes: dict[str, Any], named: str) -> None:
    refused = read(changes)
    assert isinstance(refused, Refused)
    assert refused.code is Code.BAD_REQUEST
    assert named in refused.message


def test_an_event_of_another_version_turns_what_is_known_here() -> None:
    knobs = turned(DEFAULTS, {"volume": 11, "width": 99, "pause_ms": 0})
    assert knobs == turned(DEFAULTS, {"pause_ms": 0})


def test_every_knob_says_what_it_does_and_its_own_default_is_within_its_limits() -> None:
    limits = describe()
    assert len(limits) >= 14
    assert all(limit.what for limit in limits.values())
    defaults = {name: getattr(DEFAULTS, name) for name in limits}
    assert read(defaults) == defaults
