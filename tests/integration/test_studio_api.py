"""What operators do over HTTP: who is let in, where an act goes, and how what a room declines is told. The room actors
are scripted, over real gRPC."""

import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import grpc
import grpc.aio
import pytest
import trio
from http_cases import PACKS, Answer, Site, open_site

from edge.actors import RoomActors
from edge.http.acts import Act
from edge.shows import Shows
from protos.room.v1 import room_pb2 as pb
from protos.room.v1 import room_pb2_grpc as pb_grpc
from protos.room.v1.metadata import OWNER_KEY
from runtime import aio
from runtime.refusal import Code
from store.ids import ClientId, PersonaId, RoomId, ViewerId
from store.ports import NewStory
from store.postgres.log import PostgresLog
from store.postgres.personas import PostgresPersonas
from store.postgres.pool import Database, open_database
from store.postgres.rooms import PostgresRooms
from store.postgres.stories import PostgresStories

TOKEN = "the operators' token of these tests"
STUDIO = "/api/v1/studio"
ROOM = f"{STUDIO}/rooms/panel"
BEARER = ("authorization", f"Bearer {TOKEN}")
JSON = ("content-type", "application/json")
SHOW: dict[str, Any] = {
    "room": "panel",
    "title": "모두의 상담실",
    "phase": "chatting",
    "show": "live",
    "viewers": 3,
    "personas": ["oh-yul"],
    "on_air": ["oh-yul"],
    "slow": {"seconds": 0, "automatic": True},
    "knobs": {"width": 3},
    "turn": None,
    "waiting_total": 1,
    "paid_waiting": 0,
    "wishes": [],
    "poll": None,
    "pinned": None,
    "story": None,
    "stories_waiting": 0,
    "offset": 7,
    "waiting": [
        {
            "of": 7,
            "nick": "민",
            "text": "고백할까요?",
            "why": "question",
            "waited_s": 4,
            "people": 2,
            "within_turns": 1,
        }
    ],
}


@dataclass
class ScriptedOwner(pb_grpc.ShowServiceServicer):  # type: ignore[misc]  # generated, untyped
    """A room actor. owner: where it sends everybody; says: what it answers to acts; status: with which it fails."""

    owner: str = ""
    says: pb.DirectResponse = field(default_factory=lambda: pb.DirectResponse(offset=7))
    status: grpc.StatusCode | None = None
    asked: list[pb.DirectRequest] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    address: str = ""

    async def Direct(self, request: pb.DirectRequest, context: Any) -> pb.DirectResponse:
        await self._check(context)
        self.asked.append(request)
        return self.says

    async def GetShow(self, _request: pb.GetShowRequest, context: Any) -> pb.GetShowResponse:
        await self._check(context)
        return pb.GetShowResponse(show=json.dumps(SHOW).encode())

    async def _check(self, context: Any) -> None:
        self.tokens.append(dict(context.invocation_metadata())["authorization"])
        if self.owner:
            context.set_trailing_metadata(((OWNER_KEY, self.owner),))
            await context.abort(grpc.StatusCode.FAILED_PRECONDITION, "elsewhere")
        if self.status is not None:
            await context.abort(self.status, "as the test says")


@asynccontextmanager
async def served(owner: ScriptedOwner) -> AsyncIterator[ScriptedOwner]:
    @aio.asyncio_side
    async def start() -> Any:
        server = grpc.aio.server()
        pb_grpc.add_ShowServiceServicer_to_server(owner, server)
        owner.address = f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
        await server.start()
        return server

    server = await start()
    try:
        yield owner
    finally:
        with trio.CancelScope(shield=True):
            await aio.call(server.stop, 0)


@dataclass
class Studio:
    site: Site
    asked_first: ScriptedOwner
    owner: ScriptedOwner
    database: Database

    async def ask(self, method: str, path: str, body: object = None, *more: tuple[str, str]) -> Answer:
        """As an operator."""
        sent = None if body is None else json.dumps(body).encode()
        return await self.site.ask(method, path, [BEARER, JSON, *more], sent)

    def act(self) -> tuple[str, dict[str, Any]]:
        """The last one that came, with its fields."""
        request = self.owner.asked[-1]
        name = request.WhichOneof("act")
        act = getattr(request, name)
        return name, {one.name: value for one, value in act.ListFields()}


@pytest.fixture
async def studio(
    loop: None, database_url: str, tmp_path: Path, nursery: trio.Nursery
) -> AsyncIterator[Studio]:
    """The actor that is asked first knows who owns the room."""
    async with AsyncExitStack() as stack:
        owner = await stack.enter_async_context(served(ScriptedOwner()))
        first = await stack.enter_async_context(served(ScriptedOwner(owner=owner.address)))
        database = await stack.enter_async_context(open_database(database_url))
        await PostgresPersonas(database).put([(PersonaId(persona), persona, {}) for persona in PACKS])
        rooms = PostgresRooms(database)
        assert await rooms.create(RoomId("panel"), "모두의 상담실", [PersonaId("oh-yul")])
        actors = RoomActors([first.address])
        site = await open_site(
            nursery,
            rooms=rooms,
            log=PostgresLog(database),
            dist=tmp_path,
            operator_token=TOKEN,
            shows=Shows(actors, TOKEN),
            stories=PostgresStories(database),
        )
        yield Studio(site, first, owner, database)
        site.stop.set()
        await actors.close()


# -- who is let in ------------------------------------------------------------------------------------


async def test_only_who_has_the_token_is_let_in(studio: Studio) -> None:
    for headers in ([], [("authorization", "Bearer wrong")], [("authorization", f"Basic {TOKEN}")]):
        answer = await studio.site.ask("POST", f"{ROOM}/skip", headers)
        assert answer.is_refused(401, "operator_unknown")
    wrong = await studio.site.get(f"{ROOM}/show", [("authorization", f"Bearer {TOKEN}x")])
    assert wrong.is_refused(401, "operator_unknown")
    assert (studio.owner.asked, studio.owner.tokens) == ([], [])


async def test_without_a_token_of_the_platform_the_studio_is_shut(
    loop: None, database_url: str, tmp_path: Path, nursery: trio.Nursery
) -> None:
    async with open_database(database_url) as database:
        site = await open_site(
            nursery, rooms=PostgresRooms(database), log=PostgresLog(database), dist=tmp_path
        )
        for headers in ([], [("authorization", "Bearer")], [("authorization", "Bearer x")]):
            assert (await site.get(f"{ROOM}/show", headers)).is_refused(403, "studio_shut")
        site.stop.set()


async def test_every_route_of_the_studio_asks_for_the_token(studio: Studio) -> None:
    paths = (await studio.site.get("/api/openapi.json")).json["paths"]
    routes = [(path, method) for path in paths if path.startswith(STUDIO) for method in paths[path]]
    assert len(routes) == 21
    for path, method in routes:
        assert {"operator": []} in paths[path][method]["security"], path
        path = path.format(room_id="panel", persona_id="oh-yul")
        answer = await studio.site.ask(method.upper(), path, [JSON], b"{}" if method != "get" else None)
        assert answer.is_refused(401, "operator_unknown"), path
    assert studio.owner.asked == []


# -- acts ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path", "body", "act"),
    [
        ("POST", "start", None, ("start", {})),
        ("POST", "end", None, ("end", {})),
        ("POST", "end", {"at_once": True}, ("end", {"at_once": True})),
        ("POST", "break", None, ("break", {})),
        ("POST", "resume", None, ("resume", {})),
        ("POST", "skip", None, ("skip", {})),
        ("POST", "personas/oh-yul/enter", None, ("enter", {"persona": "oh-yul"})),
        ("POST", "personas/oh-yul/leave", None, ("leave", {"persona": "oh-yul"})),
        ("POST", "stories/open", None, ("open_story", {})),
        (
            "POST",
            "stories/open",
            {"story": "s1", "panel": True},
            ("open_story", {"story": "s1", "panel": True}),
        ),
        ("POST", "answer", {"of": 5}, ("answer", {"of": 5})),
        ("POST", "say", {"text": "어서 오세요"}, ("say", {"text": "어서 오세요"})),
        ("POST", "pin", {"of": 5}, ("pin", {"of": 5})),
        ("POST", "pin", {"text": "사연 특집"}, ("pin", {"text": "사연 특집"})),
        ("POST", "unpin", None, ("unpin", {})),
        (
            "POST",
            "polls",
            {"question": "고백?", "options": ["한다", "만다"], "seconds": 30},
            ("open_poll", {"question": "고백?", "options": ["한다", "만다"], "seconds": 30}),
        ),
        ("POST", "polls/close", None, ("close_poll", {})),
        ("PUT", "slow-mode", {"automatic": False, "seconds": 5}, ("slow_mode", {"seconds": 5})),
        ("PATCH", "knobs", {"width": 2}, ("set_knobs", {"knobs": b'{"width":2}'})),
        ("POST", "retract", {"of": 5}, ("retract", {"of": 5})),
        (
            "POST",
            "donations",
            {"id": "p1", "nick": "민", "amount": 5000, "currency": "KRW", "text": "응원해요"},
            ("donation", {"id": "p1", "nick": "민", "amount": 5000, "currency": "KRW", "text": "응원해요"}),
        ),
    ],
)
async def test_an_act_reaches_the_owner_of_the_room(
    studio: Studio, method: str, path: str, body: object, act: tuple[str, dict[str, Any]]
) -> None:
    answer = await studio.ask(method, f"{ROOM}/{path}", body)

    assert (answer.status, answer.json) == (200, {"room": "panel", "offset": 7})
    assert studio.act() == act
    assert studio.owner.asked[0].room == "panel"
    assert studio.asked_first.tokens == studio.owner.tokens == [f"Bearer {TOKEN}"]


async def test_an_act_has_the_operators_name_and_its_own(studio: Studio) -> None:
    named = (("lovelm-operator", "x" * 65), ("lovelm-operator", "pd kim"))
    assert (await studio.ask("POST", f"{ROOM}/skip", None, named[0])).is_refused(400, "bad_request")
    for _ in range(2):
        await studio.ask("POST", f"{ROOM}/skip", None, named[1], ("idempotency-key", "skip-1"))
    await studio.ask("POST", f"{ROOM}/skip")
    await studio.ask("POST", f"{ROOM}/skip")

    asked = [(request.operator, request.request_id) for request in studio.owner.asked]
    assert asked[:2] == [("pd kim", "skip-1")] * 2
    assert {operator for operator, _ in asked[2:]} == {"operator"}
    assert len({request_id for _, request_id in asked[2:]}) == 2


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("pin", {}),
        ("pin", {"text": "둘 다", "of": 3}),
        ("polls", {"question": "하나?", "options": ["하나"]}),
        ("say", {"text": ""}),
        ("answer", {"of": 0}),
        ("answer", {"of": 2**63}),
        ("donations", {"id": "p", "nick": "민", "amount": 0, "currency": "KRW"}),
        ("donations", {"id": "p", "nick": "민", "amount": 1, "currency": "won"}),
        ("end", {"at_once": True, "loudly": True}),
    ],
)
async def test_what_no_room_would_take_goes_no_further(studio: Studio, path: str, body: object) -> None:
    assert (await studio.ask("POST", f"{ROOM}/{path}", body)).is_refused(400, "bad_request")
    assert studio.owner.asked == []


@pytest.mark.parametrize(
    ("code", "status", "name"),
    [
        (Code.BAD_REQUEST, 422, "not_accepted"),
        (Code.TOO_LONG, 422, "too_long"),
        (Code.NOT_AVAILABLE, 409, "not_now"),
        (Code.LIMIT_EXCEEDED, 409, "not_now"),
        (Code.ROOM_OVER, 409, "show_over"),
        (Code.TOO_MANY_REQUESTS, 429, "too_many_requests"),
        (Code.INTERNAL, 503, "unavailable"),
    ],
)
async def test_what_the_room_declines_is_told_in_the_one_shape(
    studio: Studio, code: Code, status: int, name: str
) -> None:
    studio.owner.says = pb.DirectResponse(refusal=pb.Refusal(code=code, message="nobody speaks"))

    answer = await studio.ask("POST", f"{ROOM}/skip")
    assert answer.is_refused(status, name)
    assert answer.json["error"]["message"] == "nobody speaks"


async def test_a_room_that_does_not_exist_is_told(studio: Studio) -> None:
    studio.owner.status = grpc.StatusCode.NOT_FOUND
    for path in (f"{ROOM}/skip", f"{STUDIO}/rooms/No%20Room/skip"):
        assert (await studio.ask("POST", path)).is_refused(404, "unknown_room")
    assert (await studio.ask("GET", f"{STUDIO}/rooms/nowhere/stories")).is_refused(404, "unknown_room")


@pytest.mark.parametrize("knobs", [{"\ud800": 1}, {"width": "\udfff"}])
async def test_knobs_that_are_no_text_are_refused_here(studio: Studio, knobs: dict[str, object]) -> None:
    answer = await studio.ask("PATCH", f"{ROOM}/knobs", knobs)
    assert answer.is_refused(422, "not_accepted")
    assert studio.owner.tokens == []


async def test_what_no_actor_understands_is_not_asked_again(studio: Studio) -> None:
    studio.owner.status = grpc.StatusCode.INVALID_ARGUMENT
    answer = await studio.ask("POST", f"{ROOM}/skip")
    assert answer.is_refused(422, "not_accepted")
    assert answer.json["error"]["message"] == "as the test says"
    assert len(studio.owner.tokens) == 1


async def test_an_actor_of_another_token_is_out_of_reach(studio: Studio) -> None:
    studio.owner.status = grpc.StatusCode.UNAUTHENTICATED
    assert (await studio.ask("POST", f"{ROOM}/skip")).is_refused(503, "unavailable")
    assert (await studio.ask("GET", f"{ROOM}/show")).is_refused(503, "unavailable")


async def test_an_owner_that_has_gone_is_looked_for_again(studio: Studio) -> None:
    gone, studio.asked_first.owner = studio.owner.address, "127.0.0.1:1"
    async with trio.open_nursery() as nursery:

        async def come_back() -> None:
            while len(studio.asked_first.tokens) < 2:
                await trio.lowlevel.checkpoint()
            studio.asked_first.owner = gone

        nursery.start_soon(come_back)
        answer = await studio.ask("POST", f"{ROOM}/skip")
    assert answer.status == 200
    assert len(studio.owner.asked) == 1


# -- what operators see -------------------------------------------------------------------------------


async def test_the_show_is_told_as_its_owner_sees_it(studio: Studio) -> None:
    show = (await studio.ask("GET", f"{ROOM}/show")).json
    assert {key: show[key] for key in SHOW} == SHOW


async def test_the_stories_that_wait_are_told_without_the_names_of_the_anonymous(studio: Studio) -> None:
    stories = PostgresStories(studio.database)
    for number, anonymous in enumerate((True, False)):
        await stories.tell(
            NewStory(
                room=RoomId("panel"),
                viewer=ViewerId(f"v_{number}"),
                client_id=ClientId("c1"),
                nick="민",
                title=f"사연 {number}",
                text="헤어진 지 한 달이 되었는데 아직도 생각이 나요. 어떻게 해야 할까요?",
                stage="breakup",
                anonymous=anonymous,
                may_clip=False,
                age_band="25-29",
            )
        )

    told = (await studio.ask("GET", f"{ROOM}/stories")).json
    assert told["total"] == 2
    assert [(one["place"], one["title"], one["nick"]) for one in told["stories"]] == [
        (1, "사연 0", ""),
        (2, "사연 1", "민"),
    ]


async def test_a_room_is_made_once_with_the_time_of_its_show(studio: Studio) -> None:
    wish = {
        "id": "friday",
        "title": "  금요일의  상담 ",
        "personas": ["oh-yul", "oh-yul"],
        "starts_at": "2100-01-01T21:00:00+09:00",
    }
    assert (await studio.ask("POST", f"{STUDIO}/rooms", wish)).status == 201
    assert (await studio.ask("POST", f"{STUDIO}/rooms", wish)).is_refused(409, "room_exists")

    made = (await studio.site.get("/api/v1/rooms/friday")).json
    assert (made["title"], [persona["id"] for persona in made["personas"]]) == ("금요일의 상담", ["oh-yul"])
    assert (made["show"], made["starts_at_ms"]) == ("scheduled", 4_102_488_000_000)


@pytest.mark.parametrize(
    ("wish", "status", "name"),
    [
        ({"personas": ["nobody"]}, 422, "unknown_persona"),
        ({"title": "\u200b"}, 422, "not_accepted"),
        ({"title": "가" * 61}, 422, "not_accepted"),
        ({"id": "No Id"}, 400, "bad_request"),
        ({"starts_at": "2100-01-01T21:00:00"}, 400, "bad_request"),
    ],
)
async def test_a_room_that_cannot_be_is_not_made(
    studio: Studio, wish: dict[str, Any], status: int, name: str
) -> None:
    whole = {"id": "friday", "title": "금요일", "personas": ["oh-yul"], **wish}
    assert (await studio.ask("POST", f"{STUDIO}/rooms", whole)).is_refused(status, name)


async def test_every_act_is_described_with_its_limits(studio: Studio) -> None:
    schemas = (await studio.site.get("/api/openapi.json")).json["components"]["schemas"]
    for act in Act.__subclasses__():
        assert schemas[act.__name__]["properties"], act
    assert set(SHOW) <= set(schemas["ShowView"]["properties"])
