"""Settings come from LOVELM_* alone, and a wrong one is named with its rule, all of them at once."""

import os

import pytest

from cli.settings import UpSettings
from edge.settings import EdgeSettings
from room_actor.settings import RoomActorSettings
from runtime.errors import SettingsInvalid
from runtime.settings import Settings, read


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:

    for key in list(os.environ):
        if key.startswith("LOVELM_"):
            monkeypatch.delenv(key)


def test_settings_have_defaults_that_work_on_one_machine() -> None:
    settings = read(Settings)
    assert (str(settings.home), settings.name, settings.metrics_port) == (".lovelm", "local", 0)


def test_the_environment_is_read_under_the_prefix(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOVELM_DATABASE_URL", "postgresql://somewhere")
    monkeypatch.setenv("LOVELM_PERSONA_ACTORS", "10.0.0.1:9200, 10.0.0.2:9200,")
    monkeypatch.setenv("LOVELM_LEASE_S", "20")
    settings = read(RoomActorSettings)
    assert settings.database_url == "postgresql://somewhere"
    assert settings.persona_actors == ("10.0.0.1:9200", "10.0.0.2:9200")
    assert settings.lease_s == 20


def test_every_wrong_key_is_named_with_its_rule(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOVELM_LEASE_S", "0.5")
    monkeypatch.setenv("LOVELM_LOG_LEVEL", "loud")
    with pytest.raises(SettingsInvalid) as caught:
        read(RoomActorSettings, persona_actors="127.0.0.1:9200")
    told = dict(line.split(": ", 1) for line in str(caught.value).splitlines())
    assert set(told) == {"LOVELM_DATABASE_URL", "LOVELM_LEASE_S", "LOVELM_LOG_LEVEL"}
    assert told["LOVELM_DATABASE_URL"] == "Field required"
    assert "greater than or equal to 1" in told["LOVELM_LEASE_S"]
    assert "'debug', 'info', 'warning' or 'error'" in told["LOVELM_LOG_LEVEL"]


@pytest.mark.parametrize("addresses", ["", " , ", "nowhere", "a:b", "a b:1", "x:123456"])
def test_a_list_of_addresses_must_hold_addresses(addresses: str) -> None:
    with pytest.raises(SettingsInvalid, match="LOVELM_PERSONA_ACTORS"):
        read(RoomActorSettings, database_url="postgresql://x", persona_actors=addresses)


def test_settings_cannot_be_changed_after_the_start() -> None:
    with pytest.raises(ValueError, match="frozen"):
        read(Settings).name = "other"  # type: ignore[misc]


@pytest.mark.parametrize("url", ["foo", "redis:/x", "redis://", "http://127.0.0.1", ""])
def test_the_url_of_redis_must_be_one(url: str) -> None:
    with pytest.raises(SettingsInvalid, match=r"LOVELM_REDIS_URL: .*redis://"):
        read(EdgeSettings, database_url="postgresql://x", room_actors="a:1", secret="s" * 32, redis_url=url)


@pytest.mark.parametrize("url", ["", "redis://x/0", "rediss://x", "unix:///run/redis.sock"])
def test_up_takes_a_redis_or_none(url: str) -> None:
    assert read(UpSettings, redis_url=url).redis_url == url


@pytest.mark.parametrize(("key", "address"), [("listen", ""), ("listen", "9100"), ("address", "a,b:1")])
def test_the_addresses_of_a_room_actor_must_be_addresses(key: str, address: str) -> None:
    with pytest.raises(SettingsInvalid, match=f"LOVELM_{key.upper()}: String should match"):
        read(RoomActorSettings, database_url="postgresql://x", persona_actors="a:1", **{key: address})
