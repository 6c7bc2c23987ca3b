"""The whole platform and a real Chromium. Fixtures: `platform` (one for each file), `page` (1280 px), `open_page`."""

import asyncio
import shutil
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, sync_playwright
from screen_cases import QUIET

from tests.launched import Platform, running

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or "/usr/bin/chromium"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"]
WAIT_MS = 30_000


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    with running(tmp_path_factory.mktemp("home"), LOVELM_KNOBS=QUIET) as platform:
        yield platform


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    # Playwright runs an asyncio loop of its own; with trio-asyncio imported, it has to be asked for by name.
    asyncio.set_event_loop_policy(asyncio.DefaultEventLoopPolicy())
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()
    asyncio.set_event_loop_policy(None)


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Callable[[int, int], Page]]:
    """open_page(width, height): a viewer of their own, in pixels. A page that logs an error fails its test."""
    contexts = []
    errors: list[str] = []

    def open_page(width: int, height: int) -> Page:
        context = browser.new_context(viewport={"width": width, "height": height}, locale="ko-KR")
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(WAIT_MS)
        page.on("pageerror", lambda error: errors.append(str(error)))
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert errors == []


@pytest.fixture
def page(open_page: Callable[[int, int], Page]) -> Page:
    return open_page(1280, 800)
