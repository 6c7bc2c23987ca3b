"""Owns the life of a persona actor: read packs and model of morphemes, serve, drain. Prints nothing."""

import trio

from persona_actor import server
from persona_actor.metrics import Metrics
from persona_actor.recall import KiwiMorphemes, Recall
from persona_actor.settings import PersonaActorSettings
from personas import load_packs
from runtime import aio, process, telemetry

_DRAIN_MARGIN_S = 0.5
"""Between the end of the grace that replies get and the process's own deadline: time to cancel them in order."""


def run(settings: PersonaActorSettings) -> None:
    """Serves until SIGTERM or SIGINT; then health says NOT_SERVING and replies in flight get until the deadline."""
    telemetry.start(settings, "persona-actor")

    async def main(stop: process.Stop) -> None:
        await serve(settings, stop)

    process.run(main, drain_deadline_s=settings.drain_deadline_s)


async def serve(settings: PersonaActorSettings, stop: process.Stop) -> None:
    """Serves until `stop` is requested, then drains. Cancelled, it cancels the replies in flight."""
    packs = load_packs()
    recall = Recall(packs, await trio.to_thread.run_sync(KiwiMorphemes))
    serving = await aio.call(server.start, settings, packs, recall, Metrics())
    try:
        await stop.requested.wait()
    finally:
        grace_s = max(0.0, settings.drain_deadline_s - _DRAIN_MARGIN_S) if stop.requested.is_set() else 0.0
        with trio.CancelScope(shield=not stop.requested.is_set()):
            await aio.call(serving.stop, grace_s)
