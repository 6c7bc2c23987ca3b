"""How rooms are spread over actors: evenly, with as few moves as that takes, however they lay before."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from cli.spread import Move, empty, even_out
from store.ids import RoomId

A, B, C = "10.0.0.1:9100", "10.0.0.2:9100", "10.0.0.3:9100"


def rooms(*names: str) -> list[RoomId]:
    return [RoomId(name) for name in names]


def test_a_new_actor_gets_its_share_of_those_that_move_first() -> None:
    assert even_out({A: rooms("r1", "r2", "r3", "r4", "r5"), B: []}) == [
        Move(RoomId("r1"), A, B),
        Move(RoomId("r2"), A, B),
    ]


def test_what_is_even_stays() -> None:
    assert even_out({A: rooms("r1", "r2"), B: rooms("r3")}) == []
    assert even_out({A: rooms("r1")}) == []
    assert even_out({}) == []


def test_the_rooms_of_one_actor_go_to_those_who_have_least() -> None:
    moves = empty(A, rooms("r1", "r2", "r3"), {B: 2, C: 0})
    assert [move.target for move in moves] == [C, C, B]


@given(st.lists(st.integers(0, 30), min_size=1, max_size=9))
def test_however_rooms_lay_nobody_has_two_more_than_another_and_nothing_moves_for_nothing(
    counts: list[int],
) -> None:
    lay = {f"actor-{n}:1": rooms(*(f"r{n}-{i}" for i in range(count))) for n, count in enumerate(counts)}
    moves = even_out(lay)
    load = Counter({address: len(served) for address, served in lay.items()})
    for move in moves:
        assert move.room in lay[move.source]
        load[move.source] -= 1
        load[move.target] += 1
    assert max(load.values()) - min(load.values()) <= 1
    assert len({move.room for move in moves}) == len(moves)
    fair, over = divmod(sum(counts), len(counts))
    goals = sorted((fair + (n < over) for n in range(len(counts))), reverse=True)
    surplus = sum(max(0, had - goal) for had, goal in zip(sorted(counts, reverse=True), goals, strict=True))
    assert len(moves) == surplus, "every move goes from one who has too many"
