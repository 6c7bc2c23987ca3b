"""A flood in a real browser: the room says that it slows down, the page counts the seconds and keeps the words."""

import threading
from collections.abc import Callable, Iterator

import pytest
import trio
from playwright.sync_api import Page, expect
from screen_cases import QUIET

from tests.launched import Platform, running
from tests.viewer import open_viewer

PEOPLE = 8
LINES_EACH = 4
READ_RATE = "0.4"
"""Eight people over two lines in five seconds: twenty seconds, and the next step of the ladder is thirty."""


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    with running(tmp_path_factory.mktemp("home"), LOVELM_KNOBS=QUIET, LOVELM_READ_RATE=READ_RATE) as started:
        yield started


def flood(platform: Platform, room: str) -> None:
    """Everybody says a few lines as fast as they can; some of them are refused, and that is the end of it."""

    async def speak(number: int) -> None:
        async with open_viewer(platform.port) as viewer:
            for line in range(LINES_EACH):
                data = {"channel": f"room:{room}", "text": "여기요", "id": f"flood-{number}-{line}"}
                await viewer.reply_to(await viewer.begin("rpc", method="say", data=data))

    async def everybody() -> None:
        async with trio.open_nursery() as nursery:
            for number in range(PEOPLE):
                nursery.start_soon(speak, number)

    # In a thread of its own: Playwright runs a loop in this one.
    thread = threading.Thread(target=trio.run, args=(everybody,))
    thread.start()
    thread.join()


@pytest.mark.parametrize(
    ("size", "room"), [((390, 844), "oh-yul"), ((1280, 800), "panel")], ids=["phone", "desktop"]
)
def test_a_page_in_a_flooded_room_says_so_counts_and_keeps_the_words(
    open_page: Callable[[int, int], Page], platform: Platform, size: tuple[int, int], room: str
) -> None:
    page = open_page(*size)
    page.goto(f"{platform.url}/rooms/{room}")
    expect(page.get_by_test_id("connection-state")).to_have_attribute("data-state", "connected")
    rule, field, send = (page.get_by_test_id(i) for i in ("slow-mode", "composer-input", "send"))
    expect(rule).to_be_empty()
    flood(platform, room)
    expect(page.get_by_test_id("show-mark").first).to_contain_text("천천히 모드를 켰어요")
    expect(rule.get_by_role("status")).to_contain_text("천천히 모드")

    field.fill("저도 한마디 할게요")
    field.press("Enter")
    mine = page.get_by_test_id("chat-line").filter(has_text="저도 한마디 할게요")
    expect(mine).to_have_attribute("data-status", "sent")
    field.fill("하나만 더요")
    expect(rule).to_contain_text("초 뒤에 보낼 수 있어요")
    expect(send).to_be_disabled()
    field.press("Enter")
    expect(field).to_have_value("하나만 더요")

    page.reload()  # now it no longer knows when its viewer spoke; the room does
    field.fill("다시 왔어요")
    field.press("Enter")
    expect(rule).to_contain_text("초 뒤에 보낼 수 있어요")
    expect(field).to_have_value("다시 왔어요")
    expect(page.get_by_test_id("chat-line").filter(has_text="다시 왔어요")).to_have_count(0)
