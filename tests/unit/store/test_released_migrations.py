"""The migration files themselves; tests/contract/test_migrate.py applies them."""

from store import migrate


def test_migrations_are_numbered_from_one_without_gaps() -> None:
    numbers = [migration.number for migration in migrate.released()]

    assert numbers == list(range(1, len(numbers) + 1))
    assert numbers


def test_a_checksum_follows_the_text() -> None:
    one = migrate.Migration(1, "0001_pre_a", "SELECT 1")

    assert one.checksum == migrate.Migration(2, "0002_pre_b", "SELECT 1").checksum
    assert one.checksum != migrate.Migration(1, "0001_pre_a", "SELECT 2").checksum
