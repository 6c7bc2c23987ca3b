"""What Viewers and Personas promise, on the real server."""

import pytest
from store_cases import JUN, MIN, A, B, ask, claim, said

from store.errors import TextRefused
from store.ids import PersonaId
from store.ports import Author, Batch
from store.postgres.log import PostgresLog
from store.postgres.personas import PostgresPersonas
from store.postgres.pool import Database
from store.postgres.rooms import PostgresRooms
from store.postgres.viewers import PostgresViewers

SEHYEON, YUL = PersonaId("hong-sehyeon"), PersonaId("oh-yul")


async def test_a_viewer_is_known_from_the_first_word_and_by_the_last_nick(
    rooms: PostgresRooms, log: PostgresLog, database: Database
) -> None:
    viewers = PostgresViewers(database)
    fence_a, fence_b = await claim(rooms, A), await claim(rooms, B)
    assert await viewers.find(MIN) is None

    await log.append([Batch(A, fence_a, [said(1)], [Author(MIN, "민"), Author(JUN, "준")])])
    assert await viewers.find(MIN) == Author(MIN, "민")

    await log.append(
        [
            Batch(A, fence_a, [said(2)], [Author(MIN, "민둘"), Author(MIN, "민셋")]),
            Batch(B, fence_b, [said(1)], [Author(MIN, "민넷")]),
        ]
    )
    assert await viewers.find(MIN) == Author(MIN, "민넷")
    assert await viewers.find(JUN) == Author(JUN, "준")


async def test_a_viewer_who_speaks_again_is_seen_again(
    rooms: PostgresRooms, log: PostgresLog, database_url: str
) -> None:
    fence = await claim(rooms, A)
    await log.append([Batch(A, fence, [said(1)], [Author(MIN, "민")])])
    await ask(database_url, "UPDATE viewers SET first_seen = '2020-01-01', last_seen = '2020-01-01'")

    await log.append([Batch(A, fence, [said(2)], [Author(MIN, "민")])])

    seen = await ask(
        database_url,
        "SELECT first_seen < '2021-01-01' AS early, last_seen > '2021-01-01' AS late FROM viewers",
    )
    assert [(row["early"], row["late"]) for row in seen] == [(True, True)]


async def test_personas_are_inserted_replaced_and_listed_by_id(database: Database, database_url: str) -> None:
    personas = PostgresPersonas(database)
    await personas.put([])
    await personas.put([(YUL, "오율", {"spec": "chara_card_v3"}), (SEHYEON, "홍세현", {})])
    await personas.put([(SEHYEON, "홍세현", {"data": {"name": "홍세현 💬"}})])

    assert await personas.list_all() == [(SEHYEON, "홍세현"), (YUL, "오율")]
    cards = await ask(database_url, "SELECT card #>> '{data,name}' AS name FROM personas ORDER BY id")
    assert [row["name"] for row in cards] == ["홍세현 💬", None]


async def test_a_card_that_jsonb_cannot_keep_leaves_all_as_it_was(database: Database) -> None:
    personas = PostgresPersonas(database)

    with pytest.raises(TextRefused):
        await personas.put([(YUL, "오율", {}), (SEHYEON, "홍세현", {"data": "\0"})])

    assert await personas.list_all() == []
