"""What Memories promises, in every implementation; and to those who meet on the real server."""

from dataclasses import replace

import pytest
import trio
from store_cases import JUN, MIN, Served, ask, open_transaction, until_somebody_waits

from store.errors import TextRefused
from store.ids import PersonaId, ViewerId
from store.ports import Memory
from store.postgres.memories import PostgresMemories

SEHYEON, YUL = PersonaId("hong-sehyeon"), PersonaId("oh-yul")
SEO = ViewerId("v_seo")
LONG_AGO_MS, IN_45_YEARS_MS, IN_50_YEARS_MS = 1_600_000_000_000, 3_250_000_000_000, 3_400_000_000_000


def memory(number: int, viewer: ViewerId = MIN, persona: PersonaId = SEHYEON) -> Memory:
    name = f"t_{number}/{viewer}/{persona}"
    at_ms = IN_45_YEARS_MS + number  # after every consent of these tests
    return Memory(name, viewer, persona, "fact", f"{number}번째 '이야기' 🐈", at_ms, IN_50_YEARS_MS)


async def test_nobody_is_remembered_without_consent(served: Served) -> None:
    await served.memories.consent(JUN, True)
    assert [await served.memories.has_consent(viewer) for viewer in (MIN, JUN)] == [False, True]

    await served.memories.note([memory(1), memory(2, JUN)])

    assert await served.memories.list_of(MIN) == []
    assert await served.memories.list_of(JUN) == [memory(2, JUN)]
    # What was not stored then does not come with the consent.
    await served.memories.consent(MIN, True)
    assert await served.memories.list_of(MIN) == []


async def test_who_takes_the_consent_back_is_forgotten_whole(served: Served) -> None:
    for viewer in (MIN, JUN):
        await served.memories.consent(viewer, True)
        await served.memories.consent(viewer, True)
    await served.memories.note([memory(1), memory(2, persona=YUL), memory(3, JUN)])

    for _ in range(2):
        await served.memories.consent(MIN, False)

    assert not await served.memories.has_consent(MIN)
    await served.memories.note([memory(4)])
    await served.memories.consent(MIN, True)
    assert await served.memories.list_of(MIN) == []
    assert await served.memories.list_of(JUN) == [memory(3, JUN)]


async def test_a_memory_noted_again_is_left_as_it_is(served: Served) -> None:
    await served.memories.consent(MIN, True)
    counsel = replace(memory(1), kind="counsel", text="먼저 연락해 보세요.")

    await served.memories.note([counsel])
    await served.memories.note([replace(counsel, text="another"), memory(2)])
    await served.memories.note([])

    assert await served.memories.list_of(MIN) == [counsel, memory(2)]


async def test_fifty_are_kept_of_a_viewer_by_a_persona_and_the_oldest_go(served: Served) -> None:
    await served.memories.consent(MIN, True)
    await served.memories.note([memory(number) for number in range(1, 56)])
    await served.memories.note([memory(1, persona=YUL)])
    kept = [m for m in await served.memories.list_of(MIN) if m.persona == SEHYEON]
    assert kept == [memory(number) for number in range(6, 56)]

    await served.memories.note([memory(70), memory(3), memory(60)])

    theirs = await served.memories.list_of(MIN)
    assert [m for m in theirs if m.persona == SEHYEON] == [
        *(memory(number) for number in range(8, 56)),
        memory(60),
        memory(70),
    ]
    assert memory(1, persona=YUL) in theirs


async def test_a_persona_recalls_the_newest_six_of_each_viewer(served: Served) -> None:
    for viewer in (MIN, JUN, SEO):
        await served.memories.consent(viewer, True)
    await served.memories.note([memory(number) for number in range(8, 0, -1)])
    await served.memories.note([memory(3, JUN), memory(9, JUN, YUL), memory(4, SEO, YUL)])

    recalled = await served.memories.recall(SEHYEON, [MIN, JUN, SEO, MIN, ViewerId("v_nobody")])

    assert recalled == {MIN: [memory(number) for number in range(3, 9)], JUN: [memory(3, JUN)]}
    assert await served.memories.recall(YUL, [JUN]) == {JUN: [memory(9, JUN, YUL)]}
    assert await served.memories.recall(YUL, []) == {}


async def test_what_has_expired_is_neither_recalled_nor_listed_and_goes(served: Served) -> None:
    await served.memories.consent(MIN, True)
    ends_ms = served.now_ms() + 3_600_000
    evening = replace(memory(1), expires_ms=ends_ms)
    await served.memories.note([evening, memory(2)])
    assert await served.memories.list_of(MIN) == [evening, memory(2)]
    assert await served.memories.expire(ends_ms - 1) == 0
    await served.pass_time(3_601)

    later = await served.memories.list_of(MIN)

    assert [m.id for m in later] == [memory(2).id]
    assert [m.id for m in (await served.memories.recall(SEHYEON, [MIN]))[MIN]] == [memory(2).id]
    assert await served.memories.expire(ends_ms) == 1
    assert await served.memories.expire(ends_ms) == 0


async def test_a_viewer_forgets_one_memory_or_those_of_a_persona_or_all(served: Served) -> None:
    for viewer in (MIN, JUN):
        await served.memories.consent(viewer, True)
    mine = [memory(number) for number in range(4)]
    of_yul = [memory(number, persona=YUL) for number in range(10, 13)]
    await served.memories.note([*mine, *of_yul, memory(9, JUN)])

    assert await served.memories.forget(MIN, memory=mine[1].id, persona=None) == 1
    assert await served.memories.forget(MIN, memory=mine[1].id, persona=None) == 0
    assert await served.memories.forget(MIN, memory=memory(9, JUN).id, persona=None) == 0
    assert await served.memories.forget(MIN, memory=mine[0].id, persona=YUL) == 0
    assert await served.memories.forget(MIN, memory=None, persona=YUL) == 3
    assert await served.memories.list_of(MIN) == [mine[0], mine[2], mine[3]]
    assert await served.memories.forget(MIN, memory=None, persona=None) == 3

    assert await served.memories.list_of(MIN) == []
    assert await served.memories.has_consent(MIN)
    assert await served.memories.list_of(JUN) == [memory(9, JUN)]


async def test_what_was_forgotten_does_not_come_back_when_it_is_noted_again(served: Served) -> None:
    await served.memories.consent(MIN, True)
    await served.pass_time(1)
    one, two = (replace(memory(n), at_ms=served.now_ms()) for n in (1, 2))
    await served.memories.note([one, two])
    await served.pass_time(1)
    assert await served.memories.forget(MIN, memory=one.id, persona=None) == 1

    await served.memories.note([one, two])
    assert [m.id for m in await served.memories.list_of(MIN)] == [two.id]
    await served.pass_time(1)
    later = replace(memory(3), at_ms=served.now_ms())
    await served.memories.note([later])
    assert [m.id for m in await served.memories.list_of(MIN)] == [two.id, later.id]


async def test_what_was_before_the_consent_is_not_remembered(served: Served) -> None:
    before = replace(memory(1), at_ms=served.now_ms() - 60_000)
    await served.memories.consent(MIN, True)
    await served.memories.note([before, memory(2)])
    assert await served.memories.list_of(MIN) == [memory(2)]


async def test_what_is_noted_while_it_is_forgotten_is_not_stored(
    loop: None, memories: PostgresMemories, database_url: str
) -> None:
    await memories.consent(MIN, True)
    old = replace(memory(1), at_ms=LONG_AGO_MS)
    async with open_transaction(database_url) as held, trio.open_nursery() as nursery:
        await PostgresMemories(held).forget(MIN, memory=None, persona=None)
        nursery.start_soon(memories.note, [old, memory(2)])
        await until_somebody_waits(database_url)
        await held.commit()

    assert await memories.list_of(MIN) == [memory(2)]


@pytest.mark.parametrize("text", ["a\0b", "\ud800"])
async def test_a_text_that_cannot_be_kept_is_refused_with_all_others(
    loop: None, memories: PostgresMemories, text: str
) -> None:
    await memories.consent(MIN, True)

    with pytest.raises(TextRefused):
        await memories.note([memory(1), replace(memory(2), text=text)])

    assert await memories.list_of(MIN) == []
    assert await memories.forget(MIN, memory=text, persona=None) == 0


async def test_what_is_noted_while_the_consent_is_taken_back_is_not_stored(
    loop: None, memories: PostgresMemories, database_url: str
) -> None:
    await memories.consent(MIN, True)
    async with open_transaction(database_url) as held, trio.open_nursery() as nursery:
        await PostgresMemories(held).consent(MIN, False)
        nursery.start_soon(memories.note, [memory(1)])
        await until_somebody_waits(database_url)
        await held.commit()

    assert await ask(database_url, "SELECT id FROM memories") == []


async def test_a_consent_taken_back_while_something_is_noted_takes_it_along(
    loop: None, memories: PostgresMemories, database_url: str
) -> None:
    await memories.consent(MIN, True)
    async with open_transaction(database_url) as held, trio.open_nursery() as nursery:
        await PostgresMemories(held).note([memory(1)])
        nursery.start_soon(memories.consent, MIN, False)
        await until_somebody_waits(database_url)
        await held.commit()

    assert await ask(database_url, "SELECT id FROM memories") == []
    assert not await memories.has_consent(MIN)


async def test_notes_forgetting_and_expiry_at_once_never_deadlock(
    loop: None, memories: PostgresMemories
) -> None:
    await memories.consent(MIN, True)
    done = 0

    async def note(first: int) -> None:
        nonlocal done
        for number in range(first, first + 60, 4):
            await memories.note([memory(n) for n in range(number + 3, number - 1, -1)])
            done += 1

    async def forget() -> None:
        for _ in range(10):
            await memories.forget(MIN, memory=None, persona=SEHYEON)
            await memories.expire(LONG_AGO_MS)

    async with trio.open_nursery() as nursery:
        for first in (0, 0, 30, 90):
            nursery.start_soon(note, first)
        nursery.start_soon(forget)

    assert done == 60
    assert len(await memories.list_of(MIN)) <= 50
