"""The knobs that every room begins with stand in a setting, and a wrong one is told at the start."""

import os

import pytest

from room_actor.knobs import DEFAULTS
from room_actor.settings import RoomActorSettings
from runtime.errors import SettingsInvalid
from runtime.settings import read


def settings(knobs: str) -> RoomActorSettings:
    return read(RoomActorSettings, database_url="postgresql://x", persona_actors=("h:1",), knobs=knobs)


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for key in list(os.environ):
        if key.startswith("LOVELM_"):
            monkeypatch.delenv(key)


def test_knobs_are_as_built_but_for_those_that_are_named() -> None:
    knobs = settings('{"width": 5, "opening": false, "pace": 2}').room_knobs()
    assert (knobs.width, knobs.opening, knobs.pace) == (5, False, 2.0)
    assert knobs.vote_s == DEFAULTS.vote_s


@pytest.mark.parametrize("nothing", ["", " ", "{}"])
def test_without_any_all_are_as_built(nothing: str) -> None:
    assert settings(nothing).room_knobs() == DEFAULTS


@pytest.mark.parametrize("wrong", ["[]", "width", '{"width": 0}', '{"nothing": 1}', '{"opening": 1}'])
def test_a_wrong_knob_is_named_at_the_start(wrong: str) -> None:
    with pytest.raises(SettingsInvalid, match="LOVELM_KNOBS"):
        settings(wrong)


def test_a_token_is_not_shown() -> None:
    secret = read(
        RoomActorSettings, database_url="postgresql://x", persona_actors=("h:1",), operator_token="s3cret"
    )
    assert "s3cret" not in repr(secret)
