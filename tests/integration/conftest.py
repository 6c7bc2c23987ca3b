"""Owns the platform that a test gets to itself."""

from collections.abc import AsyncIterator

import pytest
from platform_cases import Platform, open_platform


@pytest.fixture
async def platform(loop: None, database_url: str, redis_url: str) -> AsyncIterator[Platform]:
    async with open_platform(database_url, redis_url) as opened:
        yield opened
