"""What Lobby promises, on the real server."""

from store.redis.connections import Volatile
from store.redis.lobby import RedisLobby

LISTING = '{"rooms":["연애 상담소"]}'.encode()


async def test_there_is_no_listing_before_the_first(volatile: Volatile) -> None:
    assert await RedisLobby(volatile).get() is None


async def test_the_last_listing_is_got_until_it_expires(volatile: Volatile, expire) -> None:
    lobby = RedisLobby(volatile)
    await lobby.put(b"[]", ttl_s=60)
    await lobby.put(LISTING, ttl_s=30)
    assert await lobby.get() == LISTING

    assert 0 < await expire("lovelm:lobby") <= 30_000

    assert await lobby.get() is None
