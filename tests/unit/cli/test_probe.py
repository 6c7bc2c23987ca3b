"""Asking for readiness over HTTP and over the gRPC health protocol."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

import grpc
import pytest
import trio
from grpc_health.v1 import health, health_pb2, health_pb2_grpc

from cli import probe
from runtime import aio

DEADLINE_S = 30.0


@asynccontextmanager
async def answering(answer: bytes) -> AsyncIterator[str]:
    """A server that says these bytes to whoever has asked something. Yields host:port."""

    async def serve(stream: trio.SocketStream) -> None:
        await stream.receive_some(65_536)
        await stream.send_all(answer)
        await stream.aclose()

    async with trio.open_nursery() as nursery:
        listeners = await nursery.start(partial(trio.serve_tcp, serve, 0, host="127.0.0.1"))
        yield f"127.0.0.1:{listeners[0].socket.getsockname()[1]}"
        nursery.cancel_scope.cancel()


@asynccontextmanager
async def grpc_server(status: "health_pb2.HealthCheckResponse.ServingStatus") -> AsyncIterator[str]:
    servicer = health.aio.HealthServicer()

    async def start() -> tuple[grpc.aio.Server, int]:
        server = grpc.aio.server()
        health_pb2_grpc.add_HealthServicer_to_server(servicer, server)
        port = server.add_insecure_port("127.0.0.1:0")
        await servicer.set("", status)
        await server.start()
        return server, port

    async with aio.open_loop():
        server, port = await aio.call(start)
        yield f"127.0.0.1:{port}"
        await aio.call(server.stop, None)


@pytest.mark.parametrize(
    ("answer", "ready"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", True),
        (b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n", False),
        (b"rubbish\r\n\r\n", False),
        (b"", False),
    ],
)
async def test_http_is_ready_only_with_200(answer: bytes, ready: bool) -> None:
    async with answering(answer) as address:
        assert await probe.is_ready(f"http://{address}/readyz", deadline_s=DEADLINE_S) is ready


async def test_grpc_is_ready_when_it_serves() -> None:
    async with grpc_server(health_pb2.HealthCheckResponse.SERVING) as address:
        assert await probe.is_ready(f"grpc://{address}", deadline_s=DEADLINE_S)


async def test_grpc_is_not_ready_while_it_drains() -> None:
    async with grpc_server(health_pb2.HealthCheckResponse.NOT_SERVING) as address:
        assert not await probe.is_ready(f"grpc://{address}", deadline_s=DEADLINE_S)


@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 400 Bad Request\r\n\r\n"])
async def test_grpc_is_not_ready_when_something_else_answers(answer: bytes) -> None:
    async with answering(answer) as address:
        assert not await probe.is_ready(f"grpc://{address}", deadline_s=DEADLINE_S)


@pytest.mark.parametrize("scheme", ["http", "grpc"])
async def test_nobody_there_is_not_ready(scheme: str) -> None:
    async with answering(b"") as address:
        pass
    assert not await probe.is_ready(f"{scheme}://{address}", deadline_s=DEADLINE_S)


async def test_who_never_answers_is_not_ready(autojump_clock: trio.testing.MockClock) -> None:
    async with trio.open_nursery() as nursery:

        async def silent(_stream: trio.SocketStream) -> None:
            await trio.sleep_forever()

        listeners = await nursery.start(partial(trio.serve_tcp, silent, 0, host="127.0.0.1"))
        port = listeners[0].socket.getsockname()[1]
        assert not await probe.is_ready(f"http://127.0.0.1:{port}/", deadline_s=5.0)
        nursery.cancel_scope.cancel()


@pytest.mark.parametrize("url", ["https://127.0.0.1:1/", "127.0.0.1:1", "http://127.0.0.1/", "grpc://"])
async def test_an_address_of_another_form_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="not http://host:port/path or grpc://host:port"):
        await probe.is_ready(url, deadline_s=1.0)
