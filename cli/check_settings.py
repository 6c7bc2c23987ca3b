"""Owns finding wrong settings before anything is started: those of the launcher and of every process it will start."""

import difflib
from collections.abc import Iterable, Mapping

from cli.plan import EDGE, PERSONA_ACTOR, ROOM_ACTOR, Plan
from cli.settings import UpSettings
from edge.settings import EdgeSettings
from persona_actor.settings import PersonaActorSettings
from room_actor.settings import RoomActorSettings
from runtime.errors import SettingsInvalid
from runtime.settings import ENV_PREFIX, Settings, read

PROCESS_SETTINGS: Mapping[str, type[Settings]] = {
    EDGE: EdgeSettings,
    ROOM_ACTOR: RoomActorSettings,
    PERSONA_ACTOR: PersonaActorSettings,
}


def known_keys() -> set[str]:
    """Every key that any process of an `up` reads."""
    kinds: list[type[Settings]] = [UpSettings, *PROCESS_SETTINGS.values()]
    return {f"{ENV_PREFIX}{name.upper()}" for kind in kinds for name in kind.model_fields}


def require_known(keys: Iterable[str]) -> None:
    """Raises SettingsInvalid for a `LOVELM_` key that nothing reads: most likely a slip of the pen."""
    known = known_keys()
    lines = []
    for key in sorted(key for key in keys if key.startswith(ENV_PREFIX) and key not in known):
        near = difflib.get_close_matches(key, known, n=1)
        lines.append(f"{key}: there is no such setting" + (f"; did you mean {near[0]}?" if near else ""))
    if lines:
        raise SettingsInvalid("\n".join(lines))


def require_valid(plan: Plan) -> None:
    """Raises SettingsInvalid for what a process of the plan would refuse when it starts."""
    one_of_each = {process.spec.kind: process.spec.environment for process in plan.processes}
    for kind, environment in one_of_each.items():
        overrides = {key.removeprefix(ENV_PREFIX).lower(): value for key, value in environment.items()}
        read(PROCESS_SETTINGS[kind], **overrides)
