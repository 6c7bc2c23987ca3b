"""Owns putting an edge process together. The only place that knows which parts are real."""

import secrets
from functools import partial
from importlib.metadata import version
from pathlib import Path

import structlog
import trio

from edge import listener, tokens
from edge.actors import RoomActors
from edge.admission import Admission
from edge.history import History
from edge.http.app import create_app
from edge.http.deps import HttpDeps
from edge.http.server import serve as serve_http
from edge.listing import RoomListing
from edge.lobby import LobbyChannel
from edge.poller import Poller
from edge.reception import Reception
from edge.rooms import EdgeRooms
from edge.services import Rules, Services
from edge.settings import EdgeSettings
from edge.shows import Shows
from edge.tellers import Tellers
from edge.viewers import Viewers
from personas.load import load_packs
from runtime import process, telemetry
from runtime.clock import SystemClock
from runtime.process import Stop
from runtime.supervise import keep_running
from runtime.timers import Timers
from store.errors import StoreUnavailable, VolatileUnavailable
from store.ids import RoomId, StoryId
from store.ports import Presence
from store.postgres.log import PostgresLog
from store.postgres.memories import PostgresMemories
from store.postgres.pool import Database, open_database
from store.postgres.rooms import PostgresRooms
from store.postgres.stories import PostgresStories
from store.redis.connections import open_redis
from store.redis.lobby import RedisLobby
from store.redis.presence import RedisPresence
from store.redis.rate_limits import RedisRateLimits

log = structlog.get_logger()

PRESENCE_S = 3.0
"""Between two reports; an edge that is silent for three of them is gone."""

WEB_DIST = Path(__file__).resolve().parent.parent / "web" / "dist"


def run(settings: EdgeSettings) -> None:
    """Serves viewers until SIGTERM. Raises SettingsInvalid or StoreUnavailable at the start."""
    telemetry.start(settings, "edge")

    async def main(stop: Stop) -> None:
        await serve(settings, stop)

    process.run(main, drain_deadline_s=settings.drain_deadline_s)


async def serve(settings: EdgeSettings, stop: Stop) -> None:
    """Until `stop`: then no new viewers, a goodbye to those who are here, and the end."""
    clock = SystemClock()
    packs = load_packs()
    actors = RoomActors(settings.room_actors)
    poller, timers = Poller(), Timers()
    viewers = Viewers(timers, say_rate=settings.say_rate, say_burst=settings.say_burst)
    edge = f"{settings.name}-{secrets.token_hex(4)}"  # this start of it: two edges of one name do not meet
    tellers = Tellers()
    rooms = EdgeRooms(
        edge,
        actors,
        window_most_s=settings.fanout_window_ms / 1_000,
        story_opened=partial(_tell_teller, tellers, viewers),
    )
    listening = listener.listen(settings.listen)
    stop_http = trio.Event()
    async with open_database(settings.database_url) as database, open_redis(settings.redis_url) as volatile:
        events, presence = PostgresLog(database), RedisPresence(volatile)
        room_rows = PostgresRooms(database)
        listing = RoomListing(
            rooms=room_rows, presence=presence, lobby=RedisLobby(volatile), packs=packs, clock=clock
        )
        lobby = LobbyChannel(listing)
        stories = PostgresStories(database)
        app = create_app(
            HttpDeps(
                rooms=room_rows,
                log=events,
                listing=listing,
                rate_limits=RedisRateLimits(volatile),
                packs=packs,
                clock=clock,
                secret=settings.secret,
                operator_token=settings.operator_token,
                shows=Shows(actors, settings.operator_token),
                stories=stories,
                random_bytes=secrets.token_bytes,
                voice="openai" if settings.model_url else "builtin",
                missing=partial(_missing, database, stop),
                web_dist=WEB_DIST,
                version=version("lovelm"),
            )
        )
        async with trio.open_nursery() as nursery:
            services = Services(
                node=settings.name,
                version=version("lovelm"),
                rules=Rules(say_rate=settings.say_rate, say_burst=settings.say_burst),
                persona_names={pack.id: pack.name for pack in packs.values()},
                clock=clock,
                timers=timers,
                rooms=rooms,
                history=History(events),
                lobby=lobby,
                stories=stories,
                tellers=tellers,
                memories=PostgresMemories(database),
                start_soon=nursery.start_soon,
                new_id=lambda: secrets.token_urlsafe(12),
                new_guest=lambda: tokens.new_guest(secrets.token_bytes(tokens.GUEST_BYTES)),
                issue_token=lambda identity: tokens.issue(settings.secret, identity, clock.now_ms() / 1_000),
                read_token=lambda token: tokens.read_with_ttl(settings.secret, token, clock.now_ms() / 1_000),
                allowance_of=viewers.allowance_of,
            )
            door = listener.Door(
                poller=poller,
                timers=timers,
                admission=Admission(most=settings.max_connections, per_s=settings.connect_rate),
                http_address=settings.http_listen,
                serve_viewer=Reception(services, viewers).serve_viewer,
            )
            nursery.start_soon(poller.run)
            nursery.start_soon(timers.run)
            nursery.start_soon(rooms.run)
            # What only decorates the lobby must not end the edge.
            nursery.start_soon(keep_running, "lobby", lobby.run)
            nursery.start_soon(keep_running, "presence", partial(_report_presence, edge, presence, rooms))
            async with trio.open_nursery() as http:
                await http.start(partial(serve_http, app, settings.http_listen, stop=stop_http))
                nursery.start_soon(door.serve, listening, stop.requested)
                log.info("edge_serves", listen=settings.listen, http=settings.http_listen)
                await stop.requested.wait()
                await viewers.say_goodbye(within_s=settings.drain_deadline_s / 2)
                stop_http.set()  # requests in flight get their answers
            nursery.cancel_scope.cancel()
        await actors.close()


def _tell_teller(tellers: Tellers, viewers: Viewers, room: RoomId, story: StoryId) -> None:
    viewer = tellers.opened(story)
    if viewer is not None:
        viewers.tell(viewer, {"t": "story_opened", "story": story, "room": room})


async def _missing(database: Database, stop: Stop) -> list[str]:
    """Without PostgreSQL nobody new can be served; Redis is not needed for that."""
    missing = ["draining"] if stop.requested.is_set() else []
    try:
        await database.ping()
    except StoreUnavailable:
        missing.append("postgresql")
    return missing


async def _report_presence(edge: str, presence: Presence, rooms: EdgeRooms) -> None:
    while True:
        try:
            await presence.report(edge, rooms.counts(), ttl_s=3 * PRESENCE_S)
        except VolatileUnavailable:
            log.info("presence_not_reported")  # the lobby shows no counts; nothing else depends on it
        await trio.sleep(PRESENCE_S)
