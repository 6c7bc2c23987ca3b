"""The proxy does to a connection what its name says, and nothing when it is told nothing."""

import socket
from collections.abc import AsyncIterator
from contextlib import suppress
from functools import partial

import pytest
import trio
import trio.testing

from tests.chaos.proxy import LOOPBACK, Proxy


@pytest.fixture
async def link(nursery: trio.Nursery) -> AsyncIterator[Proxy]:
    """Leads to a server that says everything again."""

    async def echo(stream: trio.SocketStream) -> None:
        with suppress(trio.BrokenResourceError):
            async for data in stream:
                await stream.send_all(data)

    (listener,) = await trio.open_tcp_listeners(0, host=LOOPBACK)
    port = listener.socket.getsockname()[1]
    nursery.start_soon(trio.serve_listeners, echo, [listener])
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        own = probe.getsockname()[1]
    proxy = Proxy("echo", own, partial(trio.open_tcp_stream, LOOPBACK, port))
    await nursery.start(proxy.run)
    yield proxy
    nursery.cancel_scope.cancel()


async def dial(link: Proxy) -> trio.SocketStream:
    return await trio.open_tcp_stream(LOOPBACK, link.port)


async def echoed(stream: trio.SocketStream, data: bytes) -> bytes:
    await stream.send_all(data)
    came = b""
    with trio.fail_after(5):
        while len(came) < len(data) and (piece := await stream.receive_some()):
            came += piece
    return came


async def ends(stream: trio.SocketStream) -> bool:
    with trio.fail_after(5):
        try:
            while await stream.receive_some():
                pass
        except trio.BrokenResourceError:
            return True
        return False


async def test_bytes_pass_both_ways(link: Proxy) -> None:
    async with await dial(link) as stream:
        assert await echoed(stream, b"hello" * 50_000) == b"hello" * 50_000


async def test_a_cut_resets_who_is_connected_and_lets_the_next_in(link: Proxy) -> None:
    stream = await dial(link)
    assert await echoed(stream, b"a") == b"a"
    link.cut()
    assert await ends(stream)
    async with await dial(link) as again:
        assert await echoed(again, b"b") == b"b"


async def test_nobody_listens_while_it_refuses(link: Proxy) -> None:
    stream = await dial(link)
    assert await echoed(stream, b"a") == b"a"
    link.refuse()
    assert await ends(stream)
    with pytest.raises(OSError):  # noqa: PT012  the listener closes in its own task
        while True:
            (await dial(link)).socket.close()
    link.heal()
    with trio.fail_after(5):
        while True:
            try:
                again = await dial(link)
                break
            except OSError:
                await trio.lowlevel.checkpoint()
    assert await echoed(again, b"b") == b"b"


async def test_who_is_connected_stays_so_while_the_door_is_shut(link: Proxy) -> None:
    async with await dial(link) as stream:
        assert await echoed(stream, b"a") == b"a"
        link.shut()
        await trio.testing.wait_all_tasks_blocked(0.05)
        with pytest.raises(OSError):
            await dial(link)
        assert await echoed(stream, b"b") == b"b"


async def test_what_is_swallowed_never_comes_and_the_connection_ends_when_the_link_heals(link: Proxy) -> None:
    stream, silent = await dial(link), await dial(link)
    assert await echoed(stream, b"a") == b"a"
    assert await echoed(silent, b"a") == b"a"
    link.swallow()
    await stream.send_all(b"lost")
    await trio.testing.wait_all_tasks_blocked(0.05)
    link.heal()
    assert await ends(stream)
    assert await echoed(silent, b"b") == b"b"  # it lost nothing


async def test_what_is_delayed_comes_in_order(link: Proxy) -> None:
    link.delay(0.01)
    async with await dial(link) as stream:
        for number in range(10):
            await stream.send_all(b"%d" % number)
        came = b""
        with trio.fail_after(5):
            while len(came) < 10:
                came += await stream.receive_some()
        assert came == b"0123456789"
