"""A viewer in a real browser: enters, speaks, is answered, comes back, and notices nothing when an actor dies."""

import os
import signal
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from screen_cases import enter, say

from tests.launched import Platform

PHONE = (390, 844)
DESKTOP = (1280, 800)
QUESTION = "헤어진 지 한 달 됐는데 아직도 보고 싶어요"


def reply_on(page: Page) -> str:
    """The text of the newest whole answer, once the chat shows one."""
    reply = page.get_by_test_id("chat-reply").last
    expect(reply).to_be_visible()
    return reply.inner_text()


def test_the_lobby_leads_into_every_room(page: Page, platform: Platform) -> None:
    page.goto(platform.url)
    for room in ("hong-sehyeon", "oh-yul", "kim-chungi", "kang-sihyeon", "panel"):
        expect(page.get_by_test_id(f"room-link-{room}").first).to_be_visible()
    page.get_by_test_id("room-link-oh-yul").first.click()
    expect(page).to_have_url(f"{platform.url}/rooms/oh-yul")
    expect(page.get_by_test_id("connection-state")).to_have_attribute("data-state", "connected")


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_a_question_is_answered_word_by_word_and_still_there_after_a_reload(
    open_page: Callable[[int, int], Page], platform: Platform, size: tuple[int, int]
) -> None:
    page = open_page(*size)
    enter(page, platform, "hong-sehyeon")
    expect(page.get_by_test_id("ai-label").first).to_be_visible()
    expect(page.get_by_test_id("voice-label").first).to_have_attribute("data-voice", "builtin")
    page.evaluate(
        """() => {
            window.lengths = [];
            const caption = document.querySelector('[data-testid="caption"]');
            new MutationObserver(() => window.lengths.push(caption.innerText.length))
                .observe(caption, {childList: true, subtree: true, characterData: true});
        }"""
    )
    say(page, f"{QUESTION} {size[0]}")
    line = page.get_by_test_id("chat-line").filter(has_text=f"{QUESTION} {size[0]}")
    expect(line).to_have_attribute("data-status", "sent")
    expect(page.get_by_test_id("chat-reply").filter(has_text=f"{QUESTION} {size[0]}")).to_be_visible()
    lengths = page.evaluate("window.lengths")
    assert len({length for length in lengths if length}) >= 5, "the caption did not grow bit by bit"
    answer = reply_on(page)
    page.reload()
    expect(page.get_by_test_id("chat-line").filter(has_text=f"{QUESTION} {size[0]}")).to_be_visible()
    assert reply_on(page) == answer


def test_no_page_is_wider_than_the_phone_that_shows_it(
    open_page: Callable[[int, int], Page], platform: Platform
) -> None:
    page = open_page(*PHONE)
    for path in ("/", "/rooms/hong-sehyeon", "/rooms/panel"):
        page.goto(platform.url + path)
        expect(page.get_by_role("heading").first).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE[0], path


def test_two_viewers_see_the_same_lines_in_the_same_order(
    open_page: Callable[[int, int], Page], platform: Platform
) -> None:
    pages = [open_page(*DESKTOP), open_page(*PHONE)]
    for page in pages:
        enter(page, platform, "oh-yul")
    for number in range(3):
        for name, page in zip("ab", pages, strict=True):
            say(page, f"{name}{number} 안녕하세요")
    seen = []
    for page in pages:
        expect(page.get_by_test_id("chat-line")).to_have_count(6)
        expect(page.locator('[data-testid="chat-line"][data-status="sent"]')).to_have_count(6)
        lines = page.get_by_test_id("chat-line").all()
        offsets = [int(line.get_attribute("data-offset") or 0) for line in lines]
        assert offsets == sorted(offsets)
        seen.append(offsets)
    assert seen[0] == seen[1]


def test_a_nick_taken_in_one_tab_is_the_nick_of_the_other(page: Page, platform: Platform) -> None:
    enter(page, platform, "kang-sihyeon")
    other = page.context.new_page()
    enter(other, platform, "kang-sihyeon")
    page.get_by_test_id("nick").click()
    page.get_by_test_id("nick-input").fill("여름밤")
    page.get_by_test_id("nick-save").click()
    expect(other.get_by_test_id("nick")).to_contain_text("여름밤")
    say(other, "다른 탭에서 안녕하세요")
    line = other.get_by_test_id("chat-line").filter(has_text="다른 탭에서 안녕하세요")
    expect(line).to_have_attribute("data-status", "sent")
    kept = platform.get("/api/v1/rooms/kang-sihyeon/events")["events"]
    assert [e["data"]["nick"] for e in kept if e["data"]["t"] == "chat"] == ["여름밤"]


def test_a_viewer_keeps_page_and_lines_when_the_room_actor_is_killed(page: Page, platform: Platform) -> None:
    enter(page, platform, "kim-chungi")
    page.evaluate("window.untouched = true")
    say(page, "첫 줄")
    line = page.get_by_test_id("chat-line")
    expect(line.filter(has_text="첫 줄")).to_have_attribute("data-status", "sent")
    (actor,) = [process for process in platform.ps() if process["kind"] == "room-actor"]
    os.kill(actor["pid"], signal.SIGKILL)
    say(page, "둘째 줄")
    expect(line.filter(has_text="둘째 줄")).to_have_attribute("data-status", "sent")
    assert page.evaluate("window.untouched"), "the page was loaded anew"
    kept = platform.get("/api/v1/rooms/kim-chungi/events")["events"]
    assert [e["data"]["text"] for e in kept if e["data"]["t"] == "chat"] == ["첫 줄", "둘째 줄"]
