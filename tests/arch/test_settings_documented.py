"""The table of settings in README.md is that of the settings classes: every key, and every default."""

import re
from collections import defaultdict
from pathlib import Path

from pydantic.fields import FieldInfo

from cli.operate import ShowSettings
from cli.rooms import RoomsSettings
from cli.seed import MigrateSettings
from cli.settings import UpSettings
from edge.settings import EdgeSettings
from persona_actor.settings import PersonaActorSettings
from room_actor.settings import RoomActorSettings
from runtime.settings import ENV_PREFIX, Settings

README = Path(__file__).parents[2] / "README.md"
READERS: dict[str, type[Settings]] = {
    "up": UpSettings,
    "edge": EdgeSettings,
    "room-actor": RoomActorSettings,
    "persona-actor": PersonaActorSettings,
    "rooms": RoomsSettings,
    "show": ShowSettings,
    "migrate": MigrateSettings,
}


def _rows() -> dict[str, tuple[str, str]]:
    """By key: the cells of default and of readers."""
    row = re.compile(rf"^\| `({ENV_PREFIX}\w+)` \| ([^|]*) \| ([^|]*) \|", re.MULTILINE)
    return {
        key: (default, readers) for key, default, readers in row.findall(README.read_text(encoding="utf-8"))
    }


def _shown(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    return "empty" if field.default in ("", ()) else f"`{field.default}`"


def _readers() -> dict[str, dict[str, str]]:
    """By key: who reads it, with the default as the table shows it."""
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for reader, settings in READERS.items():
        for name, field in settings.model_fields.items():
            found[f"{ENV_PREFIX}{name.upper()}"][reader] = _shown(field)
    return found


def test_every_key_has_its_row_and_every_row_its_key() -> None:
    assert sorted(_rows()) == sorted(_readers())


def test_every_default_is_told() -> None:
    wrong = [
        f"{key}: {default} ({reader}) is not in: {_rows()[key][0]}"
        for key, defaults in _readers().items()
        for reader, default in defaults.items()
        if default not in _rows()[key][0]
    ]
    assert wrong == []


def test_a_key_of_few_names_who_reads_it() -> None:
    """`all` and `all but …` stand for themselves; migrate reads what it needs of the others' keys."""
    for key, defaults in _readers().items():
        told = _rows()[key][1]
        if not told.startswith("all"):
            assert set(told.split(", ")) == set(defaults) - {"migrate"}, key
