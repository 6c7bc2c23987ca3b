"""A show as viewers see it: a story from its form to the air, the panel and its vote, why a line is answered, idle talk
that gives way, what is remembered, and what an operator does. An operator directs it, over the studio."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Locator, Page, expect
from screen_cases import Operator, enter, say, say_and_see, tell

from tests.launched import Platform, running

KNOBS = '{"opening":false,"idle_after_s":0,"notice_every_s":0,"pace":20,"pause_ms":0,"vote_s":3600}'
"""Words come fast, and a vote is open until the operator closes it."""

PHONE = (390, 844)
DESKTOP = (1280, 800)
TALL = (1280, 6_000)
"""A whole panel is in sight, and the log holds only what is."""

PANEL_MS = 90_000
"""Eight turns and the pauses between them."""

LOOKS_MOST = 100
CAST = ("hong-sehyeon", "oh-yul", "kim-chungi", "kang-sihyeon")
TITLE = "읽씹하는 그 사람"
WITHDRAWN = "본인이 거둔 이야기예요"
STORY = "두 달째 썸을 타는데 만나면 다정하고 집에 가면 답장이 하루씩 늦어요. 먼저 고백해도 될까요?"

Open = Callable[[int, int], Page]


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    with running(tmp_path_factory.mktemp("home"), LOVELM_KNOBS=KNOBS) as started:
        yield started


@pytest.fixture
def operator(platform: Platform) -> Operator:
    return Operator(platform)


def enter_both(open_page: Open, platform: Platform, room: str) -> tuple[Page, Page]:
    """One at a phone, one at a desk."""
    pages = open_page(*PHONE), open_page(*DESKTOP)
    for page in pages:
        enter(page, platform, room)
    return pages


def replies(page: Page, kind: str) -> Locator:
    """The whole answers that carry this label."""
    return page.get_by_test_id("chat-reply").filter(has=page.locator(f'[data-kind="{kind}"]'))


def take_back(story: Locator) -> None:
    """Asked twice, the teller is sure."""
    story.get_by_test_id("story-take-back").click()
    story.get_by_test_id("story-take-back").click()


def expect_withdrawn(page: Page) -> None:
    """Neither the story nor what was read of it is on the page."""
    expect(page.get_by_test_id("story-line")).to_have_text(WITHDRAWN)
    expect(replies(page, "story").get_by_test_id("withdrawn").first).to_have_text(WITHDRAWN)
    expect(page.locator("body")).not_to_contain_text(TITLE)
    expect(page.locator("body")).not_to_contain_text(STORY)


def look_until_remembered(page: Page) -> Locator:
    """Opens the list until something is in it, for notes are made soon after an answer. Leaves it open."""
    memories, nothing = page.get_by_test_id("memory"), page.get_by_text("아직 기억하고 있는 이야기가 없어요")
    for _look in range(LOOKS_MOST):
        page.get_by_test_id("memory-open").click()
        expect(memories.or_(nothing).first).to_be_visible()
        if memories.count():
            break
        page.get_by_test_id("memory-close").click()
    return memories


def test_a_story_goes_from_its_form_to_the_air_and_its_teller_takes_it_back(
    open_page: Open, platform: Platform, operator: Operator
) -> None:
    operator.make("stories", "oh-yul")
    operator.turn("stories", pace=0.2)
    teller, other = enter_both(open_page, platform, "stories")
    tell(teller, TITLE, STORY)
    expect(teller.get_by_test_id("story-open")).to_have_text("내 사연 1번째")
    expect(other.get_by_test_id("story-card")).to_have_count(0)

    operator.act("stories", "stories/open")
    expect(teller.get_by_test_id("story-opened")).to_contain_text("지금 당신의 사연을 읽고 있어요")
    for page in (teller, other):
        expect(page.get_by_test_id("story-card")).to_contain_text(STORY)
        expect(page.get_by_test_id("story-card")).to_contain_text("익명")
        expect(page.get_by_test_id("story-line")).to_contain_text(TITLE)
        expect(page.get_by_test_id("answering")).to_contain_text(TITLE)
        expect(page.get_by_test_id("caption")).not_to_be_empty()
    expect(other.get_by_test_id("story-opened")).to_have_count(0)
    expect(other.get_by_test_id("story-take-back")).to_have_count(0)

    take_back(teller.get_by_test_id("story-card"))
    for page in (teller, other):
        expect(page.get_by_test_id("story-card")).to_have_count(0)
        expect_withdrawn(page)


def test_a_story_that_was_read_is_taken_back_with_the_answer_that_quotes_it(
    open_page: Open, platform: Platform, operator: Operator
) -> None:
    operator.make("read-already", "oh-yul")
    teller, other = enter_both(open_page, platform, "read-already")
    tell(teller, TITLE, STORY)
    operator.act("read-already", "stories/open")
    for page in (teller, other):
        expect(replies(page, "story")).to_contain_text(TITLE)
    teller.get_by_test_id("story-line").get_by_text(TITLE).click()
    take_back(teller.get_by_test_id("story-line"))
    for page in (teller, other):
        expect_withdrawn(page)
    other.reload()
    expect_withdrawn(other)


def test_a_story_that_waits_is_taken_back_before_anybody_has_seen_it(
    page: Page, platform: Platform, operator: Operator
) -> None:
    operator.make("second-thoughts", "oh-yul")
    enter(page, platform, "second-thoughts")
    tell(page, TITLE, STORY)
    page.get_by_test_id("story-open").click()
    expect(page.get_by_test_id("story-place")).to_have_text("내 사연: 1번째")
    page.get_by_test_id("story-withdraw").click()
    page.get_by_test_id("story-withdraw").click()
    expect(page.get_by_test_id("story-dialog")).to_be_hidden()
    expect(page.get_by_test_id("story-open")).to_have_text("사연 보내기")
    kept = platform.get("/api/v1/rooms/second-thoughts/events")["events"]
    assert [event for event in kept if event["data"]["t"] == "story"] == []


def test_four_personas_answer_one_story_then_react_and_viewers_say_who_helped(
    open_page: Open, platform: Platform, operator: Operator
) -> None:
    operator.make("four-views", *CAST)
    teller, other = open_page(*TALL), open_page(*TALL)
    for page in (teller, other):
        enter(page, platform, "four-views")
    tell(teller, TITLE, STORY)
    operator.act("four-views", "stories/open", panel=True)
    for page in (teller, other):
        expect(page.get_by_test_id("poll")).to_be_visible(timeout=PANEL_MS)
        expect(replies(page, "panel")).to_have_count(4)
        expect(replies(page, "reaction")).to_have_count(4)
        expect(page.get_by_test_id("poll").get_by_role("button")).to_have_count(4)

    for page, choice in ((teller, 1), (other, 1)):
        page.get_by_test_id(f"poll-option-{choice}").click()
        expect(page.get_by_test_id(f"poll-option-{choice}")).to_have_attribute("aria-pressed", "true")
    for page in (teller, other):
        expect(page.get_by_test_id("poll")).to_contain_text("2표")
        expect(page.get_by_test_id("poll-option-1")).to_contain_text("100%")
    other.get_by_test_id("poll-option-0").click()
    for page in (teller, other):
        expect(page.get_by_test_id("poll-option-0")).to_contain_text("50%")

    operator.act("four-views", "polls/close")
    for page in (teller, other):
        expect(page.get_by_test_id("poll-result-0")).to_contain_text("1위")
        expect(page.get_by_test_id("poll-result-1")).to_contain_text("1위")
        expect(page.get_by_test_id("poll-result-2")).to_contain_text("0%")
        expect(replies(page, "result")).to_be_visible()


def test_a_question_of_two_viewers_is_answered_once_and_the_page_says_why(
    open_page: Open, platform: Platform, operator: Operator
) -> None:
    operator.make("why", "kim-chungi")
    one, another = enter_both(open_page, platform, "why")
    operator.act("why", "break")
    for page in (one, another):
        expect(page.get_by_test_id("answering-kind")).to_contain_text("잠시 쉬는 중이에요")
    say_and_see(one, "썸남이 답장이 너무 늦는데 관심 없는 걸까요?")
    say_and_see(another, "썸남 답장이 늦는데 관심이 없는 걸까요?")
    operator.act("why", "resume")
    for page in (one, another):
        why = page.get_by_test_id("chat-reply").get_by_test_id("reasons")
        expect(why).to_contain_text("질문")
        expect(why).to_contain_text("2명이 같은 걸 물었어요")
        expect(why).to_contain_text("처음 온 분")
        expect(page.get_by_test_id("chat-reply")).to_have_count(1)
    say_and_see(another, "소개팅 다음 날 먼저 연락해도 되나요?")
    asked = another.get_by_test_id("chat-reply").filter(has_text="소개팅 다음 날")
    expect(asked.get_by_test_id("reasons")).to_contain_text("질문")
    expect(another.get_by_test_id("chat-reply")).to_have_count(2)


def test_idle_talk_gives_way_to_a_donation_and_says_so_calmly(
    page: Page, platform: Platform, operator: Operator
) -> None:
    operator.make("quiet", "hong-sehyeon")
    operator.turn("quiet", idle_after_s=1, pace=0.2)
    enter(page, platform, "quiet")
    expect(page.get_by_test_id("answering-kind")).to_contain_text("먼저 건네는 이야기예요")
    expect(page.get_by_test_id("caption")).not_to_be_empty()
    operator.turn("quiet", pace=20, idle_after_s=0)  # the talk that is on keeps its pace
    question = "세현 님, 애프터 신청은 언제 하는 게 좋아요?"
    operator.act("quiet", "donations", id="p-1", nick="라떼", amount=5_000, currency="KRW", text=question)
    expect(page.get_by_test_id("donation-line")).to_contain_text("5,000원 후원")
    idle, paid = (page.get_by_test_id("chat-reply").nth(place) for place in (0, 1))
    expect(idle).to_contain_text("다른 이야기가 들어와 여기서 멈췄어요")
    expect(paid).to_contain_text(question)
    expect(paid.get_by_test_id("reasons")).to_contain_text("후원 메시지")


def test_a_viewer_sees_what_is_remembered_and_forgets_one_of_it(
    page: Page, platform: Platform, operator: Operator
) -> None:
    operator.make("remembered", "oh-yul")
    enter(page, platform, "remembered")
    consent, dialog = page.get_by_test_id("memory-consent"), page.get_by_test_id("memory-dialog")
    page.get_by_test_id("memory-open").click()
    expect(dialog).to_contain_text("지금은 아무것도 기억하지 않아요")
    consent.click()
    expect(consent).to_be_checked()
    expect(dialog).to_contain_text("아직 기억하고 있는 이야기가 없어요")
    page.get_by_test_id("memory-close").click()

    say(page, "저는 세 번 만난 사람과 썸을 타는데 먼저 고백해도 될까요?")
    expect(page.get_by_test_id("chat-reply")).to_have_count(1)
    memories = look_until_remembered(page)
    expect(memories.filter(has_text="들려준 이야기")).to_contain_text("고백")
    expect(memories).to_have_count(2)
    page.get_by_test_id("memory-forget").first.click()
    expect(memories).to_have_count(1)
    page.get_by_test_id("memory-close").click()
    page.reload()
    page.get_by_test_id("memory-open").click()
    expect(memories).to_have_count(1)
    expect(consent).to_be_checked()


def test_what_an_operator_pins_asks_pauses_and_ends_is_on_every_page(
    open_page: Open, platform: Platform, operator: Operator
) -> None:
    operator.make("directed", "kang-sihyeon")
    pages = one, another = enter_both(open_page, platform, "directed")
    operator.act("directed", "pin", text="오늘은 썸 특집이에요")
    operator.act("directed", "polls", question="먼저 고백한다?", options=["한다", "기다린다"])
    for page in pages:
        expect(page.get_by_test_id("pinned")).to_contain_text("오늘은 썸 특집이에요")
        expect(page.get_by_test_id("poll")).to_contain_text("먼저 고백한다?")
    one.get_by_test_id("poll-option-0").click()
    expect(another.get_by_test_id("poll-option-0")).to_contain_text("100%")
    one.get_by_test_id("react-clap").click()
    expect(another.get_by_test_id("reaction-float").first).to_be_attached()
    operator.act("directed", "polls/close")
    operator.act("directed", "unpin")
    for page in pages:
        expect(page.get_by_test_id("poll-result-0")).to_contain_text("100%")
        expect(page.get_by_test_id("pinned")).to_have_count(0)

    operator.act("directed", "break")
    for page in pages:
        expect(page.get_by_test_id("on-air")).to_have_attribute("data-phase", "break")
    operator.act("directed", "resume")
    operator.act("directed", "end")
    for page in pages:
        expect(replies(page, "closing")).to_be_visible()
        expect(page.get_by_test_id("on-air")).to_have_attribute("data-phase", "over")
        expect(page.get_by_test_id("composer-input")).not_to_be_editable()
        expect(page.get_by_test_id("composer-input")).to_have_attribute("placeholder", "방송이 끝난 방이에요")
        expect(page.get_by_test_id("react-clap")).to_be_disabled()
        expect(page.get_by_test_id("story-open")).to_be_disabled()
