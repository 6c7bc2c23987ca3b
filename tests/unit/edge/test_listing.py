"""The list of rooms: made once for all who ask, and there while a server is away."""

from collections.abc import Mapping
from dataclasses import replace

import msgspec
import pytest
import trio
from trio.testing import MockClock

from edge.listing import STALE_S, RoomListing
from runtime.clock import SystemClock
from store.errors import StoreUnavailable, VolatileUnavailable
from store.ids import LogEpoch, PersonaId, RoomId, Seq
from store.ports import Count, Room

ROOM = Room(RoomId("panel"), "모두의 방", (PersonaId("oh-yul"),), LogEpoch("e1"), Seq(7), False)


class ScriptedServers:
    """Rooms, Presence and Lobby in one: what each answers is set by the test; asked: how often the list was read."""

    def __init__(self) -> None:
        self.rooms = [ROOM]
        self.counts_now = {ROOM.id: Count(connections=5, viewers=3)}
        self.kept: bytes | None = None
        self.is_database_away = self.is_redis_away = self.is_redis_stuck = False
        self.asked = 0
        self.may_answer = trio.Event()
        self.may_answer.set()

    async def list_all(self) -> list[Room]:
        self.asked += 1
        await self.may_answer.wait()
        if self.is_database_away:
            raise StoreUnavailable("away")
        return self.rooms

    async def find(self, room: RoomId) -> Room | None:
        if self.is_database_away:
            raise StoreUnavailable("away")
        return next((known for known in self.rooms if known.id == room), None)

    async def counts(self) -> Mapping[RoomId, Count]:
        await self._redis()
        return self.counts_now

    async def get(self) -> bytes | None:
        await self._redis()
        return self.kept

    async def put(self, listing: bytes, **_: object) -> None:
        await self._redis()
        self.kept = listing

    async def _redis(self) -> None:
        if self.is_redis_stuck:
            await trio.sleep_forever()
        if self.is_redis_away:
            raise VolatileUnavailable("away")


@pytest.fixture
def servers() -> ScriptedServers:
    return ScriptedServers()


@pytest.fixture
def listing(servers: ScriptedServers) -> RoomListing:
    return RoomListing(
        rooms=servers,  # type: ignore[arg-type]  # as much of the port as a listing asks for
        presence=servers,  # type: ignore[arg-type]
        lobby=servers,
        packs={},
        clock=SystemClock(),
    )


async def test_a_listing_says_who_is_there(listing: RoomListing) -> None:
    assert await listing.current() == [
        {
            "id": "panel",
            "title": "모두의 방",
            "personas": [{"id": "oh-yul", "name": "oh-yul", "role": ""}],
            "show": "live",
            "starts_at_ms": None,
            "viewers": 3,
            "last_offset": 7,
            "epoch": "e1",
        }
    ]


async def test_many_who_ask_at_once_cost_one_load(
    listing: RoomListing, servers: ScriptedServers, autojump_clock: MockClock
) -> None:
    servers.may_answer = trio.Event()
    answers = []

    async def ask() -> None:
        answers.append(await listing.current())

    async with trio.open_nursery() as nursery:
        for _ in range(20):
            nursery.start_soon(ask)
        await trio.testing.wait_all_tasks_blocked()
        servers.may_answer.set()

    assert servers.asked == 1
    assert len(answers) == 20


async def test_a_load_whose_caller_left_is_done_by_the_next(
    listing: RoomListing, servers: ScriptedServers, autojump_clock: MockClock
) -> None:
    servers.may_answer = trio.Event()
    with trio.move_on_after(1) as patience:
        await listing.current()
    servers.may_answer.set()

    assert patience.cancelled_caught
    assert len(await listing.current()) == 1


async def test_a_listing_is_made_anew_after_a_second(
    listing: RoomListing, servers: ScriptedServers, autojump_clock: MockClock
) -> None:
    await listing.current()
    servers.rooms = []
    servers.kept = None

    assert len(await listing.current()) == 1
    await trio.sleep(1)
    assert await listing.current() == []


async def test_what_another_edge_left_in_redis_spares_the_database(
    listing: RoomListing, servers: ScriptedServers
) -> None:
    servers.kept = msgspec.json.encode([{"id": "from-redis"}])

    assert await listing.current() == [{"id": "from-redis"}]
    assert servers.asked == 0


async def test_rubbish_in_redis_is_passed_over(listing: RoomListing, servers: ScriptedServers) -> None:
    servers.kept = b'{"not": "a list"'

    assert (await listing.current())[0]["id"] == "panel"


@pytest.mark.parametrize("trouble", ["is_redis_away", "is_redis_stuck"])
async def test_without_redis_the_rooms_are_listed_and_the_counts_unknown(
    listing: RoomListing, servers: ScriptedServers, trouble: str, autojump_clock: MockClock
) -> None:
    setattr(servers, trouble, True)

    (room,) = await listing.current()

    assert (room["id"], room["viewers"]) == ("panel", None)
    assert servers.kept is None


async def test_while_the_database_is_away_the_last_listing_serves_for_a_minute(
    listing: RoomListing, servers: ScriptedServers, autojump_clock: MockClock
) -> None:
    servers.is_redis_away = True
    await listing.current()
    servers.is_database_away = True

    await trio.sleep(STALE_S - 1)
    assert len(await listing.current()) == 1
    await trio.sleep(2)
    with pytest.raises(StoreUnavailable):
        await listing.current()

    servers.is_database_away = False
    await trio.sleep(1)
    assert len(await listing.current()) == 1


async def test_a_failure_is_shared_by_all_who_wait_for_it(
    listing: RoomListing, servers: ScriptedServers, autojump_clock: MockClock
) -> None:
    servers.is_database_away = True
    servers.may_answer = trio.Event()
    failures = []

    async def ask() -> None:
        try:
            await listing.current()
        except StoreUnavailable as exc:
            failures.append(exc)

    async with trio.open_nursery() as nursery:
        for _ in range(20):
            nursery.start_soon(ask)
        await trio.testing.wait_all_tasks_blocked()
        servers.may_answer.set()

    assert servers.asked == 1
    assert len(failures) == 20


async def test_a_database_that_does_not_answer_counts_as_away(
    listing: RoomListing, servers: ScriptedServers, autojump_clock: MockClock
) -> None:
    servers.may_answer = trio.Event()

    with pytest.raises(StoreUnavailable):
        await listing.current()


async def test_one_room_is_read_now_and_counted_as_listed(
    listing: RoomListing, servers: ScriptedServers
) -> None:
    await listing.current()
    servers.rooms = [Room(ROOM.id, ROOM.title, ROOM.personas, ROOM.log_epoch, Seq(8), True)]

    room = await listing.find(ROOM.id)

    assert room is not None
    assert (room["last_offset"], room["show"], room["viewers"]) == (8, "over", 3)
    assert await listing.find(RoomId("nowhere")) is None


async def test_a_show_is_listed_as_scheduled_until_its_time(
    listing: RoomListing, servers: ScriptedServers
) -> None:
    now_ms = SystemClock().now_ms()
    servers.rooms = [
        replace(ROOM, id=RoomId(name), starts_at_ms=now_ms + after_ms, is_over=is_over)
        for name, after_ms, is_over in (("later", 60_000, False), ("now", -1, False), ("past", 60_000, True))
    ]

    listed = {room["id"]: (room["show"], room["starts_at_ms"] - now_ms) for room in await listing.current()}
    assert listed == {"later": ("scheduled", 60_000), "now": ("live", -1), "past": ("over", 60_000)}
