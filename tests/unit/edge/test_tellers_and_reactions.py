"""What an edge keeps for a moment: who told which story, and how many reacted."""

from edge.reactions import PAUSE_S, ReactionNews
from edge.tellers import TELLERS_KEPT, Tellers
from store.ids import StoryId, ViewerId

NEVER = float("inf")


def test_a_teller_is_told_once() -> None:
    tellers = Tellers()
    tellers.note(StoryId("s1"), ViewerId("v_1"))
    tellers.note(StoryId("s1"), ViewerId("v_1"))

    assert tellers.opened(StoryId("s1")) == "v_1"
    assert tellers.opened(StoryId("s1")) is None
    assert tellers.opened(StoryId("another edge's")) is None


def test_the_oldest_teller_gives_way() -> None:
    tellers = Tellers()
    tellers.note(StoryId("first"), ViewerId("v_1"))
    tellers.note(StoryId("second"), ViewerId("v_2"))
    tellers.note(StoryId("first"), ViewerId("v_1"))
    for number in range(TELLERS_KEPT - 1):
        tellers.note(StoryId(f"s{number}"), ViewerId("v_3"))

    assert tellers.opened(StoryId("second")) is None
    assert tellers.opened(StoryId("first")) == "v_1"


def test_reactions_go_as_sums_and_not_all_the_time() -> None:
    news = ReactionNews()
    assert (news.due_s(), news.take(10.0)) == (NEVER, {})
    for kind in ("heart", "clap", "heart"):
        news.add(kind)
    assert news.due_s() < 10.0
    assert news.take(10.0) == {"heart": 2, "clap": 1}
    assert news.due_s() == NEVER

    news.add("cry")
    assert news.due_s() == 10.0 + PAUSE_S
    assert news.take(10.1) == {"cry": 1}  # with something else
    news.add("cry")
    assert news.due_s() == 10.1 + PAUSE_S
