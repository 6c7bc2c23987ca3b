"""A persona actor as a process of its own, from start to SIGTERM."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
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
OPENING = pb.ReplyRequest(persona="hong-sehyeon", mode=pb.MODE_OPENING, turn_id="t_1")


@pytest.fixture
def listen() -> str:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{free.getsockname()[1]}"


@pytest.fixture
def process(listen: str) -> Iterator[subprocess.Popen[str]]:
    environment = {
        **os.environ,
        "LOVELM_LISTEN": listen,
        "LOVELM_BUILTIN_PACE": "4",
        "LOVELM_DRAIN_DEADLINE_S": "60",
    }
    environment.pop("LOVELM_MODEL_URL", None)
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


def test_on_sigterm_a_reply_in_flight_ends_whole_and_no_other_begins(
    process: subprocess.Popen[str], listen: str
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
        *_, last = events
        assert last.finished.text

        with pytest.raises(grpc.RpcError) as refused:
            stub.ListPersonas(pb.ListPersonasRequest(), timeout=10)
        assert refused.value.code() in {grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED}
    said, logged = process.communicate(timeout=60)
    assert process.returncode == 0
    assert said == ""
    assert '"event": "persona_actor_listens"' in logged
    assert last.finished.text not in logged
    assert "Traceback" not in logged
