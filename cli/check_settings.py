"""Owns finding wrong settings before anything is started: those of the launcher and of every process it will start."""

import difflib
import re
from collections.abc import Mapping

from cli.plan import EDGE, PERSONA_ACTOR, ROOM_ACTOR, Plan, Size
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


FLAGS: Mapping[str, str] = {
    "EDGE": "--edges",
    "ROOM_ACTOR": "--room-actors",
    "PERSONA_ACTOR": "--persona-actors",
    "NO_ENVOY": "--no-envoy",
    "ENVOY": "--no-envoy",
}
"""What of an `up` is said by a flag, by the words that people try as a setting."""
_COUNT_WORDS = re.compile(r"^(?:NUM|NR|N|COUNT|NUMBER_OF)_|_(?:COUNT|NUM|NUMBER|N)$")
_LIKENESS = 0.8  # of two keys, 0-1: a slip of the pen, not another word


def known_keys() -> set[str]:
    """Every key that any process of an `up` reads."""
    kinds: list[type[Settings]] = [UpSettings, *PROCESS_SETTINGS.values()]
    return {f"{ENV_PREFIX}{name.upper()}" for kind in kinds for name in kind.model_fields}


def require_known(environment: Mapping[str, str]) -> None:
    """Raises SettingsInvalid for a `LOVELM_` key that nothing reads: most likely a slip of the pen, or a flag; and for
    a bare number where addresses stand."""
    known = known_keys()
    lines = []
    for key in sorted(key for key in environment if key.startswith(ENV_PREFIX)):
        flag = _flag(key)
        if key not in known:
            near = [flag] if flag else difflib.get_close_matches(key, known, n=1, cutoff=_LIKENESS)
            lines.append(f"{key}: there is no such setting" + (f"; did you mean {near[0]}?" if near else ""))
        elif flag and environment[key].strip().isdecimal():
            lines.append(f"{key}: holds addresses; how many there are is said by {flag}")
    if lines:
        raise SettingsInvalid("\n".join(lines))


def _flag(key: str) -> str | None:
    """The flag of `lovelm up` that the key was meant to be."""
    words = _COUNT_WORDS.sub("", key.removeprefix(ENV_PREFIX))
    return FLAGS.get(words) or FLAGS.get(words.removesuffix("S"))


def require_apart(size: Size, settings: UpSettings) -> None:
    """Raises SettingsInvalid when two of the ports that the settings name are one."""
    public = {"LOVELM_PORT": settings.port, "LOVELM_GRPC_PORT": settings.grpc_port}
    if settings.port == settings.grpc_port:
        raise SettingsInvalid(f"LOVELM_GRPC_PORT: must not be {settings.port}, which is LOVELM_PORT")
    processes = size.edges + size.room_actors + size.persona_actors
    metrics = range(settings.metrics_port, settings.metrics_port + processes)
    for key, port in public.items():
        if settings.metrics_port and port in metrics:
            raise SettingsInvalid(
                f"LOVELM_METRICS_PORT: metrics take the ports {metrics[0]} to {metrics[-1]}, and {port} is {key}"
            )


def require_valid(plan: Plan) -> None:
    """Raises SettingsInvalid for what a process of the plan would refuse when it starts."""
    one_of_each = {process.spec.kind: process.spec.environment for process in plan.processes}
    for kind, environment in one_of_each.items():
        overrides = {key.removeprefix(ENV_PREFIX).lower(): value for key, value in environment.items()}
        read(PROCESS_SETTINGS[kind], **overrides)
