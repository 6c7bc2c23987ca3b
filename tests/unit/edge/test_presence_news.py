"""When a room's actor is told who is here."""

from edge.presence import PAUSE_S, WINDOW_STEP_MS, PresenceNews, Told
from store.ports import Count

SOME = Count(connections=3, viewers=2)
NEVER = float("inf")


def test_the_first_message_of_a_stream_tells_it_at_once() -> None:
    news = PresenceNews()
    assert news.due_s() < 0
    assert news.take(SOME, 0.0, 10.0) == Told(SOME, 0)
    assert news.due_s() == NEVER

    news.begin_stream()
    assert news.due_s() < 10.0
    assert news.take(SOME, 0.0, 10.0) == Told(SOME, 0)


def test_nothing_is_told_twice() -> None:
    news = PresenceNews()
    news.take(SOME, 0.0, 10.0)

    assert news.take(SOME, 0.0, 11.0) is None


def test_a_change_waits_for_the_next_line_or_for_a_little_while() -> None:
    news = PresenceNews()
    news.take(SOME, 0.0, 10.0)
    news.count_changed()

    assert news.due_s() == 10.0 + PAUSE_S
    assert news.take(Count(connections=4, viewers=3), 0.0, 10.01) == Told(Count(connections=4, viewers=3), 0)


def test_the_window_is_news_when_it_has_changed_by_a_step() -> None:
    news, step_s = PresenceNews(), WINDOW_STEP_MS / 1_000
    news.take(SOME, 0.0, 10.0)
    news.window_is(0.9 * step_s)
    assert news.due_s() == NEVER

    news.window_is(2.5 * step_s)
    assert news.due_s() == 10.0 + PAUSE_S
    assert news.take(SOME, 2.5 * step_s, 11.0) == Told(SOME, 2 * WINDOW_STEP_MS)
    news.window_is(2.9 * step_s)
    assert news.due_s() == NEVER
