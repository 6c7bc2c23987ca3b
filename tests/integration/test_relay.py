"""The tree from an actor to its edges has another level: real edges below a relay of a real room actor."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

import msgspec
import pytest
import trio
from platform_cases import ROOM as PANEL
from platform_cases import Platform, ScriptedPersona
from platform_cases import Process as Edge
from relay import RelayedRoom, open_relay
from room_service_cases import ROOM, Process, attach, has_offsets, hello, open_stream
from viewer import Viewer, open_viewer

from edge.mirror import Welcome
from protos.room.v1 import room_pb2 as pb
from runtime.refusal import Code
from store.ids import LogEpoch, Position, Seq
from store.postgres.log import PostgresLog
from store.postgres.pool import Database


@asynccontextmanager
async def open_edges(database_url: str, redis_url: str, *above: Process) -> AsyncIterator[tuple[Edge, Edge]]:
    """Two edges that know these and nobody else."""
    addresses = ",".join(process.address for process in above)
    async with trio.open_nursery() as nursery:
        edges = Platform(nursery, database_url, redis_url, ScriptedPersona(), 0, Edge(0), Edge(0))
        try:
            yield await edges.start_edge(room_actors=addresses), await edges.start_edge(room_actors=addresses)
        finally:
            with trio.CancelScope(shield=True):
                await edges.end()


@dataclass
class Tree:
    """relay: the one above the edges."""

    relay: Process
    left: Edge
    right: Edge

    @property
    def room(self) -> RelayedRoom:
        return self.relay.host.rooms[ROOM]


@pytest.fixture(params=["a relay", "a relay below a relay"])
async def tree(
    request: pytest.FixtureRequest, one: Process, two: Process, database_url: str, redis_url: str
) -> AsyncIterator[Tree]:
    async with AsyncExitStack() as stack:
        relay = await stack.enter_async_context(open_relay(one.address, two.address))
        if request.param == "a relay below a relay":
            relay = await stack.enter_async_context(open_relay(relay.address, name="lower relay"))
        left, right = await stack.enter_async_context(open_edges(database_url, redis_url, relay))
        yield Tree(relay, left, right)


def owners(*processes: Process) -> list[Process]:
    return [process for process in processes if process.host.actors]


async def say_all(viewer: Viewer, name: str, count: int) -> list[int]:
    """So many lines at once. Returns where they stand."""
    data = [{"channel": f"room:{ROOM}", "text": f"{name} {n}", "id": f"{name}{n}"} for n in range(count)]
    asked = [await viewer.begin("rpc", method="say", data=line) for line in data]
    return [(await viewer.reply_to(number))["rpc"]["data"]["offset"] for number in asked]


async def until_offset(viewer: Viewer, offset: int) -> None:
    await viewer.until(lambda: viewer.offsets()[-1:] >= [offset])


async def check_against_log(database: Database, *viewers: Viewer) -> None:
    """Everyone has seen every event of the log as far as they have come, once and in order, from the first on."""
    log = await PostgresLog(database).read(ROOM, after=Seq(0), limit=10_000)
    stands = [{"offset": entry.seq, "data": entry.body} for entry in log]
    for viewer in viewers:
        seen = [pub for pub in viewer.publications() if "offset" in pub]
        assert seen
        assert seen == stands[: len(seen)]
        assert viewer.closed is None


def counted(viewer: Viewer) -> tuple[int, int] | None:
    counts = [pub["data"] for pub in viewer.publications("count")]
    return (counts[-1]["viewers"], counts[-1]["connections"]) if counts else None


# -- lines and their verdicts -------------------------------------------------------------------------


async def test_viewers_of_all_edges_see_every_line_once_in_order_and_each_sender_gets_its_own_answer(
    tree: Tree, one: Process, two: Process, database: Database
) -> None:
    async with open_viewer(tree.left.port) as here, open_viewer(tree.right.port) as there:
        await here.enter(ROOM)
        await there.enter(ROOM)
        placed: dict[str, list[int]] = {}

        async def say(viewer: Viewer, name: str) -> None:
            placed[name] = await say_all(viewer, name, 100)

        async with trio.open_nursery() as nursery:
            nursery.start_soon(say, here, "왼쪽")
            nursery.start_soon(say, there, "오른쪽")
        last = max(max(offsets) for offsets in placed.values())
        for viewer in (here, there):
            await until_offset(viewer, last)

        await check_against_log(database, here, there)
        stands = {pub["data"]["text"]: pub["offset"] for pub in here.publications("chat")}
        assert len(stands) == 200
        for name, offsets in placed.items():
            assert offsets == [stands[f"{name} {n}"] for n in range(100)]
        [owner] = owners(one, two)
        [actor] = owner.host.actors
        assert len(actor.edges) == 1, "one stream, however many edges are below"


async def test_the_same_client_id_of_a_viewer_on_two_edges_is_one_message(
    tree: Tree, database: Database
) -> None:
    async with open_viewer(tree.left.port, connects=False) as here:
        token = (await here.ask("connect"))["data"]["token"]
        async with open_viewer(tree.right.port, token=token) as there:
            line = {"channel": f"room:{ROOM}", "text": "한 번만", "id": "same"}
            viewers = (here, there, here, there)
            asked = [(viewer, await viewer.begin("rpc", method="say", data=line)) for viewer in viewers]
            answers = [(await viewer.reply_to(number))["rpc"]["data"] for viewer, number in asked]

    assert answers == [answers[0]] * 4
    assert [e.body["text"] for e in await PostgresLog(database).read(ROOM, after=Seq(0), limit=9)] == [
        "한 번만"
    ]


async def test_a_refusal_comes_back_to_the_request_it_is_of(tree: Tree) -> None:
    here, there = await attach(tree.relay, edge="here"), await attach(tree.relay, edge="there")
    await here.say(("c1", "하나"), ("c2", "x" * 10_000), ("c3", "셋"))
    await there.say(("c4", "y" * 10_000))
    await here.until(lambda s: len(s.verdicts) == 3)
    await there.until(lambda s: s.verdicts and has_offsets(2)(s))

    assert [here.verdicts[n].refusal.code for n in (1, 2, 3)] == [0, Code.TOO_LONG, 0]
    assert [here.verdicts[n].offset for n in (1, 2, 3)] == [1, 0, 2]
    assert {n: v.refusal.code for n, v in there.verdicts.items()} == {1: Code.TOO_LONG}
    kinds = [item.WhichOneof("kind") for item in here.items if not _is_fleeting(item)]
    assert [kind for kind in kinds if kind != "position"] == [
        "welcome", "verdict", "verdict", "publication", "verdict", "publication"
    ], "a verdict comes before what it speaks of"  # fmt: skip


async def test_a_room_that_is_none_is_none_through_a_relay_too(tree: Tree) -> None:
    async with open_viewer(tree.left.port) as viewer:
        assert await viewer.refusal("subscribe", channel="room:nowhere") == Code.UNKNOWN_CHANNEL


def _is_fleeting(item: pb.Item) -> bool:
    return item.WhichOneof("kind") == "publication" and not item.publication.offset


# -- who is here --------------------------------------------------------------------------------------


async def test_the_counts_are_the_sum_of_all_edges_and_a_newcomers_edge_has_them(
    tree: Tree, one: Process, two: Process
) -> None:
    async with open_viewer(tree.left.port) as first, open_viewer(tree.left.port) as second:
        await first.enter(ROOM)
        await second.enter(ROOM)
        async with open_viewer(tree.right.port) as third:
            await third.enter(ROOM)
            for viewer in (first, second, third):
                await viewer.until(lambda viewer=viewer: counted(viewer) == (3, 3))
            stats = await third.ask("presence_stats", channel=f"room:{ROOM}")
            assert (stats["num_users"], stats["num_clients"]) == (3, 3)
            late = await attach(tree.relay, edge="late")
            await late.until(lambda s: s.of("count"))
            assert late.of("count")[0] == {"t": "count", "viewers": 3, "connections": 3}
            assert msgspec.json.decode(late.welcome.snapshot)["viewers"] == 3
        await first.until(lambda: counted(first) == (2, 2))
        [owner] = owners(one, two)
        assert [(actor.edges.viewers, actor.edges.connections) for actor in owner.host.actors] == [(2, 2)]


# -- who comes late, or comes back --------------------------------------------------------------------


async def test_an_edge_gets_of_a_relay_exactly_what_the_actor_would_give_it(
    tree: Tree, one: Process, two: Process
) -> None:
    first = await attach(tree.relay)
    await first.say(*((f"c{n}", f"말 {n}") for n in range(1, 31)))
    await first.until(has_offsets(30))
    epoch = first.welcome.position.epoch
    [owner] = owners(one, two)
    positions = [None, *(pb.Position(epoch=epoch, offset=n) for n in (0, 1, 12, 29, 30))]
    positions.append(pb.Position(epoch="another", offset=3))
    for number, position in enumerate(positions):
        direct = await attach(owner, edge=f"direct-{number}", position=position)
        through = await attach(tree.relay, edge=f"through-{number}", position=position)
        assert through.welcome.recovered is direct.welcome.recovered
        assert through.welcome.position == direct.welcome.position
        assert list(through.welcome.missed) == list(direct.welcome.missed)
        told = [msgspec.json.decode(stream.welcome.snapshot) for stream in (through, direct)]
        assert told[0] == told[1]
        is_known = position is not None and position.epoch == epoch
        begins = position.offset if is_known else 0
        assert [p.offset for p in through.welcome.missed] == list(range(begins + 1, 31))
        assert through.welcome.recovered is is_known


async def test_an_edge_that_has_seen_more_than_the_relay_is_welcomed_when_the_relay_has_it_too(
    tree: Tree,
) -> None:
    first = await attach(tree.relay)
    await first.say(("c1", "하나"))
    await first.until(has_offsets(1))
    ahead = pb.Position(epoch=first.welcome.position.epoch, offset=2)
    early = await open_stream(tree.relay, hello(edge="ahead", position=ahead))
    await first.say(("c2", "둘"), ("c3", "셋"))
    await first.until(has_offsets(3))
    await early.until(lambda s: s.items and len(s.welcome.missed) + len(s.offsets) == 1)

    assert early.welcome.recovered
    [third] = [*early.welcome.missed, *(p for p in early.publications if p.offset)]
    assert third in first.publications
    assert third.offset == 3


async def test_a_viewer_who_comes_to_a_late_edge_in_the_middle_of_a_reply_sees_it_whole(
    platform: Platform,
) -> None:
    async with (
        open_relay(f"127.0.0.1:{platform.actor.port}") as relay,
        open_viewer(platform.edge.port) as early,
    ):
        await early.enter(PANEL)
        await early.say(PANEL, "고백할까요?", "m1")
        below = [await platform.start_edge(room_actors=relay.address)]
        async with open_viewer(below[0].port) as first:
            await first.enter(PANEL)
            platform.persona.speak("오늘 밤엔 ")
            await first.until(lambda: "".join(_pieces(first)) == "오늘 밤엔 ")
            below.append(await platform.start_edge(room_actors=relay.address))
            async with open_viewer(below[1].port) as late:
                heard = (await late.enter(PANEL))["data"]["reply"]["text"]
                platform.persona.speak("푹 자요.")
                platform.persona.finish()
                for viewer in (early, first, late):
                    await viewer.until(lambda viewer=viewer: viewer.publications("reply"))

        assert heard == "오늘 밤엔 "
        assert "".join(_pieces(late)) == "푹 자요."
        assert "".join(_pieces(first)) == "오늘 밤엔 푹 자요."
        assert late.publications("reply") == first.publications("reply") == early.publications("reply")
        for edge in below:
            await edge.end()


def _pieces(viewer: Viewer) -> list[str]:
    return [pub["data"]["text"] for pub in viewer.publications("delta")]


# -- somebody goes ------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["killed", "moved"])
async def test_the_owner_goes_and_viewers_keep_their_sockets_and_miss_nothing(
    tree: Tree, one: Process, two: Process, database: Database, how: str
) -> None:
    async with open_viewer(tree.left.port) as here, open_viewer(tree.right.port) as there:
        await here.enter(ROOM)
        await there.enter(ROOM)
        await say_all(here, "앞", 20)
        links = dict(tree.room.links)
        [former] = owners(one, two)
        offsets: list[int] = []

        async def say() -> None:
            offsets.extend(await say_all(there, "사이", 100))

        async with trio.open_nursery() as nursery:
            nursery.start_soon(say)
            await here.until_said("사이 0")
            if how == "killed":
                await former.kill()
            else:
                other = two if former is one else one
                await former.ask("Drain", pb.DrainRequest(rooms=[ROOM], to=other.address))
        again = await say_all(there, "사이", 1)
        offsets.extend(await say_all(here, "뒤", 1))
        for viewer in (here, there):
            await until_offset(viewer, offsets[-1])

        assert again == offsets[:1], "said before, and not lost"
        await check_against_log(database, here, there)
        assert here.texts()[:121] == there.texts()[:121]
        assert sorted(here.texts()) == sorted(
            [*(f"앞 {n}" for n in range(20)), *(f"사이 {n}" for n in range(100)), "뒤 0"]
        )
        assert tree.room.links == links, "the edges' streams were left alone"


async def test_a_relay_goes_and_its_edges_go_on_below_another(
    one: Process, database: Database, database_url: str, redis_url: str
) -> None:
    async with (
        open_relay(one.address, name="relay-1") as first,
        open_relay(one.address, name="relay-2") as second,
        open_edges(database_url, redis_url, first, second) as (left, right),
        open_viewer(left.port) as here,
        open_viewer(right.port) as there,
    ):
        await here.enter(ROOM)
        await there.enter(ROOM)
        before = await say_all(here, "앞", 50)
        await until_offset(there, max(before))
        await first.kill()
        after = await say_all(there, "뒤", 50) + await say_all(here, "끝", 1)
        for viewer in (here, there):
            await until_offset(viewer, max(after))

        await check_against_log(database, here, there)
        assert len(second.host.rooms[ROOM].links) == 2


async def test_when_a_relay_cannot_go_on_its_edges_attach_anew_and_their_viewers_recover(tree: Tree) -> None:
    async with open_viewer(tree.left.port) as viewer:
        await viewer.enter(ROOM)
        links = list(tree.room.links.values())
        snapshot = msgspec.json.decode((await attach(tree.relay, edge="another")).welcome.snapshot)
        tree.room.welcome(Welcome(Position(LogEpoch("another"), Seq(9)), snapshot, False, ()))
        assert await viewer.close_code() == 3010
        assert tree.room.links.get(links[0].edge) is not links[0]
