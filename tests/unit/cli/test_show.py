"""`lovelm show` against scripted room actors: what it asks of them, whom it asks next, what it tells a person."""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import grpc
import pytest

from protos.room.v1 import room_pb2 as pb
from protos.room.v1 import room_pb2_grpc as pb_grpc
from protos.room.v1.metadata import OWNER_KEY
from tests.unit.cli.test_main import lovelm

TOKEN = "a token of operators"


@dataclass
class ScriptedShow(pb_grpc.ShowServiceServicer):  # type: ignore[misc]  # generated, untyped
    """One actor. owner: who owns the room, when it is another."""

    answer: Callable[[pb.DirectRequest], pb.DirectResponse] = lambda _: pb.DirectResponse(offset=7)
    owner: str = ""
    asked: list[pb.DirectRequest] = field(default_factory=list)

    def _enter(self, context: Any) -> None:
        if dict(context.invocation_metadata())["authorization"] != f"Bearer {TOKEN}":
            context.abort(grpc.StatusCode.UNAUTHENTICATED, "no")
        if self.owner:
            context.set_trailing_metadata(((OWNER_KEY, self.owner),))
            context.abort(grpc.StatusCode.FAILED_PRECONDITION, "elsewhere")

    def Direct(self, request: pb.DirectRequest, context: Any) -> pb.DirectResponse:
        self._enter(context)
        self.asked.append(request)
        return self.answer(request)

    def GetShow(self, request: pb.GetShowRequest, context: Any) -> pb.GetShowResponse:
        self._enter(context)
        if request.room != "panel":
            context.abort(grpc.StatusCode.NOT_FOUND, f"no room {request.room}")
        return pb.GetShowResponse(show=json.dumps({"phase": "chatting", "title": "네 사람"}).encode())


@contextmanager
def serving(show: ScriptedShow) -> Iterator[str]:
    server = grpc.server(ThreadPoolExecutor(2))
    pb_grpc.add_ShowServiceServicer_to_server(show, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield f"127.0.0.1:{port}"
    finally:
        server.stop(None).wait()


def show(address: str, *arguments: str, token: str = TOKEN) -> CompletedProcess[str]:
    return lovelm("show", *arguments, LOVELM_ROOM_ACTORS=address, LOVELM_OPERATOR_TOKEN=token, USER="mira")


@pytest.mark.parametrize(
    ("arguments", "act"),
    [
        (["start", "panel"], {"start": pb.Start()}),
        (["end", "panel", "--at-once"], {"end": pb.End(at_once=True)}),
        (["break", "panel"], {"break": pb.Break()}),
        (["open-story", "panel", "--panel"], {"open_story": pb.OpenStory(panel=True)}),
        (["say", "panel", "안녕", "--persona", "oh-yul"], {"say": pb.SayThis(persona="oh-yul", text="안녕")}),
        (["pin", "panel", "--of", "4"], {"pin": pb.Pin(of=4)}),
        (
            ["poll", "panel", "누가?", "홍", "오", "--seconds", "30"],
            {"open_poll": pb.OpenPoll(question="누가?", options=["홍", "오"], seconds=30)},
        ),
        (["slow", "panel"], {"slow_mode": pb.SlowMode(automatic=True)}),
        (
            ["knobs", "panel", "width=2", "opening=false"],
            {"set_knobs": pb.SetKnobs(knobs=b'{"width": 2, "opening": false}')},
        ),
        (
            ["donate", "panel", "민", "5000", "힘내요", "--payment", "p-1"],
            {"donation": pb.Donation(id="p-1", nick="민", amount=5000, currency="KRW", text="힘내요")},
        ),
        (
            ["donate", "panel", "민", "5000"],  # the same request is one donation
            {"donation": pb.Donation(id="r-1", nick="민", amount=5000, currency="KRW")},
        ),
    ],
)
def test_what_is_typed_is_asked_of_the_room(arguments: list[str], act: dict[str, Any]) -> None:
    actor = ScriptedShow()
    with serving(actor) as address:
        done = show(address, *arguments, "--request", "r-1")
    assert (done.returncode, done.stdout, done.stderr) == (0, "panel: at 7\n", "")
    assert actor.asked == [pb.DirectRequest(room="panel", operator="mira", request_id="r-1", **act)]


def test_the_owner_that_an_actor_names_is_asked() -> None:
    owner = ScriptedShow(lambda _: pb.DirectResponse())
    with serving(owner) as its_address, serving(ScriptedShow(owner=its_address)) as address:
        done = show(address, "skip", "panel")
    assert done.stdout == "panel: there was nothing to do\n"
    assert [request.WhichOneof("act") for request in owner.asked] == ["skip"]
    assert owner.asked[0].request_id


def test_an_actor_that_is_away_is_passed_over() -> None:
    with serving(ScriptedShow()) as address:
        done = show(f"127.0.0.1:1,{address}", "status", "panel")
    assert json.loads(done.stdout) == {"phase": "chatting", "title": "네 사람"}


def refused(_: pb.DirectRequest) -> pb.DirectResponse:
    return pb.DirectResponse(refusal=pb.Refusal(code=120, message="the show is over"))


@pytest.mark.parametrize(
    ("arguments", "token", "message"),
    [
        (["resume", "panel"], TOKEN, "panel refuses: the show is over (120)"),
        (["status", "nowhere"], TOKEN, "no room nowhere"),
        (["answer", "panel", "9" * 20], TOKEN, "a number that is too large"),
        (["skip", "panel"], "another token of theirs", "the token in LOVELM_OPERATOR_TOKEN is not that"),
    ],
)
def test_what_cannot_be_done_is_one_line_and_status_1(arguments: list[str], token: str, message: str) -> None:
    with serving(ScriptedShow(refused)) as address:
        done = show(address, *arguments, token=token)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"lovelm: {message}")
    assert done.stderr.count("\n") == 1


def test_without_a_platform_it_says_what_to_set(tmp_path: Path) -> None:
    done = lovelm("show", "skip", "panel", home=tmp_path)
    assert done.returncode == 1
    assert "set LOVELM_OPERATOR_TOKEN" in done.stderr
