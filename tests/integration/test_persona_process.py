"""A persona actor as a process of its own, from start to SIGTERM."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from protos.persona.v1 import persona_pb2 as pb
from protos.persona.v1.persona_pb2_grpc import PersonaServiceStub

RUN = """
from persona_actor.main import run
from persona_actor.settings import PersonaActorSettings
from runtime.settings import read
run(read(PersonaActorSettings))
"""
WORDS = ("안녕", "하세요.")
OPENING = pb.ReplyRequest(persona="hong-sehyeon", mode=pb.MODE_OPENING, turn_id="t_1")


class SlowModel:
    """An OpenAI-compatible server that says one word, and the other when `go` is set."""

    def __init__(self) -> None:
        self.go = threading.Event()
        model = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["content-length"]))
                self.send_response(200)
                self.send_header("content-type", "text/event-stream")
                self.end_headers()
                self._say({"content": WORDS[0]}, None)
                model.go.wait(60)
                self._say({"content": WORDS[1]}, "stop")

            def _say(self, delta: dict[str, str], finish: str | None) -> None:
                choice = {"index": 0, "delta": delta, "finish_reason": finish}
                chunk = {"id": "c", "object": "chat.completion.chunk", "created": 0, "model": "m"}
                self.wfile.write(f"data: {json.dumps(chunk | {'choices': [choice]})}\n\n".encode())
                self.wfile.flush()

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/v1"


@pytest.fixture
def slow_model() -> Iterator[SlowModel]:
    model = SlowModel()
    serving = threading.Thread(target=model.server.serve_forever)
    serving.start()
    try:
        yield model
    finally:
        model.go.set()
        model.server.shutdown()
        serving.join()
        model.server.server_close()


@pytest.fixture
def listen() -> str:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{free.getsockname()[1]}"


@pytest.fixture
def process(listen: str, slow_model: SlowModel) -> Iterator[subprocess.Popen[str]]:
    environment = {
        **os.environ,
        "LOVELM_LISTEN": listen,
        "LOVELM_MODEL_URL": slow_model.url,
        "LOVELM_DRAIN_DEADLINE_S": "60",
    }
    root = Path(__file__).parents[2]
    with subprocess.Popen(
        [sys.executable, "-c", RUN],
        cwd=root,
        env=environment,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as running:
        yield running
        running.kill()


def channel_takes(stub: PersonaServiceStub) -> bool:
    """Whether a call is still taken."""
    try:
        stub.ListPersonas(pb.ListPersonasRequest(), timeout=10)
    except grpc.RpcError:
        return False
    return True


def test_on_sigterm_a_reply_in_flight_ends_whole_and_no_other_begins(
    process: subprocess.Popen[str], listen: str, slow_model: SlowModel
) -> None:
    with grpc.insecure_channel(listen) as channel:
        stub = PersonaServiceStub(channel)
        check = health_pb2_grpc.HealthStub(channel).Check(
            health_pb2.HealthCheckRequest(), wait_for_ready=True, timeout=60
        )
        assert check.status == health_pb2.HealthCheckResponse.SERVING

        events = stub.Reply(OPENING)
        while not next(events).HasField("delta"):
            pass
        process.send_signal(signal.SIGTERM)
        while channel_takes(stub):
            pass
        slow_model.go.set()
        *_, last = events
        assert last.finished.text == "".join(WORDS)

        with pytest.raises(grpc.RpcError) as refused:
            stub.ListPersonas(pb.ListPersonasRequest(), timeout=10)
        assert refused.value.code() in {grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED}
    said, logged = process.communicate(timeout=60)
    assert process.returncode == 0
    assert said == ""
    assert '"event": "persona_actor_listens"' in logged
    assert last.finished.text not in logged
    assert "Traceback" not in logged
