"""Owns what the tests in a browser share: how a viewer enters, speaks and tells a story, and an operator beside them.
Knows no test."""

import json
import urllib.request
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect

from tests.launched import WAIT_S, Platform

QUIET = '{"opening":false,"idle_after_s":0,"notice_every_s":0,"pace":5}'
"""Knobs: nobody speaks by itself, and everybody five times as fast as on air: tests wait for words, not for a pace."""


def enter(page: Page, platform: Platform, room: str) -> None:
    page.goto(f"{platform.url}/rooms/{room}")
    expect(page.get_by_test_id("connection-state")).to_have_attribute("data-state", "connected")


def say(page: Page, text: str) -> None:
    page.get_by_test_id("composer-input").fill(text)
    page.get_by_test_id("composer-input").press("Enter")


def say_and_see(page: Page, text: str) -> None:
    """Until the room has the line."""
    say(page, text)
    expect(page.get_by_test_id("chat-line").filter(has_text=text)).to_have_attribute("data-status", "sent")


def tell(page: Page, title: str, text: str) -> None:
    """Fills the story's form, sends it, and closes the dialog that says where it stands."""
    page.get_by_test_id("story-open").click()
    page.get_by_test_id("story-title").fill(title)
    page.get_by_test_id("story-text").fill(text)
    page.get_by_test_id("story-stage-some").check()
    page.get_by_test_id("story-age-25-29").check()
    page.get_by_test_id("story-send").click()
    expect(page.get_by_test_id("story-place")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("story-dialog")).to_be_hidden()


class Operator:
    """Whoever has the token of this platform."""

    def __init__(self, platform: Platform) -> None:
        self._studio = f"{platform.url}/api/v1/studio/rooms"
        token = (Path(platform.environment["LOVELM_HOME"]) / "operator-token").read_text().strip()
        self._headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}

    def make(self, room: str, *personas: str) -> None:
        """A room with a show that is on."""
        self._ask("POST", "", {"id": room, "title": "시험하는 방", "personas": personas})

    def act(self, room: str, act: str, **fields: Any) -> None:
        self._ask("POST", f"/{room}/{act}", fields)

    def turn(self, room: str, **knobs: Any) -> None:
        self._ask("PATCH", f"/{room}/knobs", knobs)

    def _ask(self, method: str, path: str, fields: Any) -> None:
        body = json.dumps(fields).encode() if fields else None
        request = urllib.request.Request(self._studio + path, data=body, headers=self._headers, method=method)
        with urllib.request.urlopen(request, timeout=WAIT_S):
            pass
