"""What viewers and operators do in a show, over real edges, actors and stores: stories, votes, reactions, memories."""

import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import h11
import trio
from platform_cases import OPERATOR_TOKEN, PERSONA, ROOM, Platform
from viewer import Viewer, open_viewer

from store.ids import PersonaId, ViewerId
from store.ports import Memory
from store.postgres.memories import PostgresMemories
from store.postgres.pool import open_database

CHANNEL = f"room:{ROOM}"
STORY = {
    "channel": CHANNEL,
    "id": "s-1",
    "title": "잊는 법",
    "text": "헤어진 지 한 달이 되었는데 아직도 생각이 나요.\n어떻게 해야 할까요?",
    "stage": "breakup",
    "anonymous": True,
    "may_clip": False,
    "age_band": "25-29",
}
AN_HOUR_MS = 3_600_000


async def direct(platform: Platform, act: str, body: object = None, *, method: str = "POST") -> Any:
    """An operator's act, through the edge's public port. The answer's JSON."""
    connection = h11.Connection(h11.CLIENT)
    sent = json.dumps(body).encode() if body is not None else b""
    headers = [
        ("host", "x"),
        ("connection", "close"),
        ("authorization", f"Bearer {OPERATOR_TOKEN}"),
        ("content-type", "application/json"),
        ("content-length", str(len(sent))),
    ]
    target = f"/api/v1/studio/rooms/{ROOM}/{act}"
    head = connection.send(h11.Request(method=method, target=target, headers=headers))
    with trio.fail_after(20):
        async with await trio.open_tcp_stream("127.0.0.1", platform.edge.port) as stream:
            await stream.send_all((head or b"") + (connection.send(h11.Data(data=sent)) or b""))
            came = b"".join([data async for data in stream])
    status, _, answer = came.partition(b"\r\n\r\n")
    assert status.startswith(b"HTTP/1.1 200"), came
    return json.loads(answer)


async def rpc(viewer: Viewer, method: str, /, **data: Any) -> Any:
    return (await viewer.ask("rpc", method=method, data=data))["data"]


async def refused(viewer: Viewer, method: str, /, **data: Any) -> int:
    return await viewer.refusal("rpc", method=method, data=data)


@asynccontextmanager
async def watching(platform: Platform, many: int) -> AsyncIterator[list[Viewer]]:
    """Different people, who are in the room."""
    async with AsyncExitStack() as stack:
        viewers = [await stack.enter_async_context(open_viewer(platform.edge.port)) for _ in range(many)]
        for viewer in viewers:
            await viewer.enter(ROOM)
        yield viewers


def shows(viewer: Viewer, what: str) -> list[Any]:
    return [pub["data"] for pub in viewer.publications("show") if pub["data"]["what"] == what]


async def test_a_story_waits_is_opened_and_its_teller_is_told(platform: Platform) -> None:
    async with watching(platform, 2) as [teller, other]:
        told = await rpc(teller, "tell", **STORY)
        assert (told["status"], told["place"]) == ("waiting", 1)
        assert await rpc(teller, "tell", **{**STORY, "title": "다른 제목"}) == told
        assert await refused(teller, "tell", **{**STORY, "id": "s-2"}) == 106
        second = await rpc(other, "tell", **{**STORY, "anonymous": False})
        assert second["place"] == 2
        await other.until(lambda: any(pub["data"]["stories"] == 2 for pub in other.publications("queue")))

        await direct(platform, "stories/open")
        await other.until(lambda: other.publications("story"))
        [pub] = other.publications("story")
        assert (pub["data"]["story"], pub["data"]["nick"]) == (told["story"], "")
        assert (pub["data"]["title"], pub["data"]["text"]) == (STORY["title"], STORY["text"])
        await teller.until(lambda: teller.messages)
        assert teller.messages == [{"t": "story_opened", "story": told["story"], "room": ROOM}]
        assert other.messages == []
        async with open_viewer(platform.edge.port) as late:
            entered = (await late.enter(ROOM))["data"]
        assert (entered["story"]["story"], entered["phase"]) == (told["story"], "story")

        withdrawn = await rpc(teller, "withdraw", channel=CHANNEL, story=told["story"])
        await other.until(lambda: other.publications("retract"))
        [retract] = other.publications("retract")
        assert (retract["data"]["of"], retract["data"]["by"]) == (pub["offset"], "teller")
        assert withdrawn == {"story": told["story"], "status": "withdrawn", "offset": retract["offset"]}
        assert await refused(other, "withdraw", channel=CHANNEL, story=told["story"]) == 108
        [own] = (await rpc(teller, "stories", channel=CHANNEL))["stories"]
        assert (own["story"], own["status"], own["place"]) == (told["story"], "withdrawn", 0)


async def test_a_story_that_waits_is_taken_back_and_never_opened(platform: Platform) -> None:
    async with watching(platform, 2) as [teller, other]:
        told = await rpc(teller, "tell", **STORY)
        kept = await rpc(other, "tell", **STORY)
        assert await rpc(teller, "withdraw", channel=CHANNEL, story=told["story"]) == {
            "story": told["story"],
            "status": "withdrawn",
        }
        again = await rpc(teller, "tell", **{**STORY, "id": "s-2"})
        assert again["place"] == 2

        await direct(platform, "stories/open")
        await teller.until(lambda: teller.publications("story"))
        assert [pub["data"]["story"] for pub in teller.publications("story")] == [kept["story"]]


async def test_a_poll_counts_one_vote_of_each_viewer_and_ends_with_the_result(platform: Platform) -> None:
    poll = {"question": "먼저 고백한다?", "options": ["한다", "기다린다", "모르겠다"]}
    async with watching(platform, 3) as viewers:
        opened = await direct(platform, "polls", poll)
        for viewer in viewers:
            await viewer.until(lambda viewer=viewer: shows(viewer, "poll_opened"))
        name = shows(viewers[0], "poll_opened")[0]["poll"]
        for viewer, choice in zip(viewers, (0, 1, 1), strict=True):
            voted = await rpc(viewer, "vote", channel=CHANNEL, poll=name, choice=choice)
            assert voted["offset"] == opened["offset"]
        await rpc(viewers[0], "vote", channel=CHANNEL, poll=name, choice=2)
        assert await refused(viewers[0], "vote", channel=CHANNEL, poll=name, choice=3) == 107
        assert await refused(viewers[0], "vote", channel=CHANNEL, poll="another", choice=0) == 108

        def tallies() -> list[Any]:
            return [pub["data"]["votes"] for pub in viewers[2].publications("tally")]

        await viewers[2].until(lambda: tallies()[-1:] == [[0, 2, 1]])
        async with open_viewer(platform.edge.port) as late:
            entered = (await late.enter(ROOM))["data"]["poll"]
        assert (entered["poll"], entered["votes"]) == (name, [0, 2, 1])

        await direct(platform, "polls/close")
        await viewers[1].until(lambda: shows(viewers[1], "poll_closed"))
        assert shows(viewers[1], "poll_closed")[0]["votes"] == [0, 2, 1]
        assert await refused(viewers[1], "vote", channel=CHANNEL, poll=name, choice=0) == 108


async def test_reactions_of_all_edges_come_as_sums(platform: Platform) -> None:
    first = platform.edge
    second = await platform.start_edge()
    async with open_viewer(first.port) as here, open_viewer(second.port) as there:
        for viewer in (here, there):
            await viewer.enter(ROOM)
        for viewer in (here, there):
            for kind in ("heart", "heart", "clap"):
                assert await rpc(viewer, "react", channel=CHANNEL, kind=kind) == {}

        def summed(viewer: Viewer, kind: str) -> int:
            return sum(pub["data"]["counts"].get(kind, 0) for pub in viewer.publications("react"))

        for viewer in (here, there):
            await viewer.until(lambda viewer=viewer: [summed(viewer, k) for k in ("heart", "clap")] == [4, 2])
            assert not any("offset" in pub for pub in viewer.publications("react"))


async def test_what_is_pinned_and_who_is_on_air_is_seen_by_who_comes_later(platform: Platform) -> None:
    async with watching(platform, 1) as [viewer]:
        line = await viewer.say(ROOM, "고백할까요?", "c1")
        await direct(platform, "pin", {"of": line["offset"]})
        await direct(platform, "slow-mode", {"automatic": False, "seconds": 5}, method="PUT")
        await viewer.until(lambda: shows(viewer, "slow"))
        async with open_viewer(platform.edge.port) as late:
            entered = (await late.enter(ROOM))["data"]
    assert entered["pinned"]["text"] == "고백할까요?"
    assert entered["pinned"]["of"] == line["offset"]
    assert (entered["rules"]["slow_s"], entered["on_air"]) == (5, [PERSONA])
    show = await direct(platform, "show", method="GET")
    assert (show["slow"], show["on_air"]) == ({"seconds": 5, "automatic": False}, [PERSONA])


async def test_what_is_remembered_is_its_viewers_to_see_and_to_forget(platform: Platform) -> None:
    async with watching(platform, 2) as [viewer, other], open_database(platform.database_url) as database:
        assert await rpc(viewer, "memory.list") == {"consent": False, "memories": []}
        assert await rpc(viewer, "memory.consent", on=True) == {"consent": True}
        await viewer.say(ROOM, "안녕하세요", "c1")
        await viewer.until_said("안녕하세요")
        [line] = [pub["data"] for pub in viewer.publications("chat")]
        who, now_ms = ViewerId(line["viewer"]), line["ts"]
        await PostgresMemories(database).note(
            [
                Memory(f"m{n}", who, PersonaId(PERSONA), "fact", f"기억 {n}", now_ms, now_ms + AN_HOUR_MS)
                for n in range(3)
            ]
        )
        listed = await rpc(viewer, "memory.list")
        assert [one["text"] for one in listed["memories"]] == ["기억 0", "기억 1", "기억 2"]
        assert await rpc(other, "memory.forget", memory="m0") == {"forgotten": 0}
        assert await rpc(viewer, "memory.forget", memory="m0") == {"forgotten": 1}
        assert await rpc(viewer, "memory.forget", persona=PERSONA) == {"forgotten": 2}
        assert await rpc(viewer, "memory.consent", on=False) == {"consent": False}
        assert await rpc(viewer, "memory.list") == {"consent": False, "memories": []}
