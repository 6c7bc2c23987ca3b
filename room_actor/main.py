"""Owns putting a room actor process together. The only place that knows which parts are real."""

import os
import secrets

import structlog
import trio

from personas import load_packs
from room_actor.actor import RoomActor
from room_actor.committer import Committer
from room_actor.expiry import expire
from room_actor.health_probe import is_alive
from room_actor.host import Host
from room_actor.neighbours import take
from room_actor.persona_client import PersonaClient
from room_actor.server import Server
from room_actor.settings import RoomActorSettings
from room_actor.shared import Cast, Shared
from runtime import process, telemetry
from runtime.clock import SystemClock
from runtime.process import Stop
from store.ids import PersonaId, TurnId
from store.postgres.log import PostgresLog
from store.postgres.memories import PostgresMemories
from store.postgres.pool import open_database
from store.postgres.rooms import PostgresRooms
from store.postgres.stories import PostgresStories
from store.postgres.votes import PostgresVotes

log = structlog.get_logger()

NO_WORDS = "…"
"""For a persona that stands in the store but has no pack here: better than words that are not its own."""

LAST_WORDS_S = 1.0
"""Time for the last batches to leave after the rooms were released."""


def run(settings: RoomActorSettings) -> None:
    """Serves rooms until SIGTERM. Raises SettingsInvalid or StoreUnavailable at the start."""
    telemetry.start(settings, "room-actor")

    async def main(stop: Stop) -> None:
        await serve(settings, stop)

    process.run(main, drain_deadline_s=settings.drain_deadline_s)


async def serve(settings: RoomActorSettings, stop: Stop) -> None:
    """Raises PackInvalid, StoreUnavailable."""
    clock = SystemClock()
    packs = load_packs()

    def apology(persona: PersonaId, seed: str) -> str:
        pack = packs.get(persona)
        return pack.apology(seed) if pack is not None else NO_WORDS

    cast = Cast(
        apology,
        names={pack.id: pack.name for pack in packs.values()},
        chars_per_s={pack.id: pack.voice.chars_per_s for pack in packs.values()},
    )
    async with open_database(settings.database_url) as database:
        events = PostgresLog(database)
        committer = Committer(events)
        persona = PersonaClient(list(settings.persona_actors))
        shared = Shared(
            log=events,
            stories=PostgresStories(database),
            votes=PostgresVotes(database),
            memories=PostgresMemories(database),
            committer=committer,
            persona=persona,
            clock=clock,
            new_turn=lambda: TurnId(f"t_{secrets.token_urlsafe(12)}"),
            cast=cast,
            knobs=settings.room_knobs(),
            read_rate=settings.read_rate,
        )

        host = Host(
            PostgresRooms(database),
            owner=f"{settings.name}-{os.getpid()}-{secrets.token_hex(4)}",
            address=settings.address or settings.listen,
            lease_s=settings.lease_s,
            new_actor=lambda claimed: RoomActor(claimed, shared),
            is_alive=is_alive,
            take=take,
        )
        server = Server(host, settings.listen, settings.operator_token)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(committer.run)
            nursery.start_soon(host.run)
            nursery.start_soon(expire, shared.memories, clock)
            port = await server.start()
            log.info("room_actor_serves", port=port)
            await stop.requested.wait()
            await server.refuse_new()
            await host.drain()
            await server.stop(LAST_WORDS_S)
            await persona.close()
            nursery.cancel_scope.cancel()
