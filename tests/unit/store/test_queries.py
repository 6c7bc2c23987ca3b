"""Named queries: how a file is read, and that ours are whole."""

import pytest

from store import queries

FILE = """-- first --
-- Gives one.
SELECT 1 -- a comment within
WHERE true

-- second_one --
-- Gives two.
SELECT 2
"""


def test_a_file_holds_queries_by_name_with_their_descriptions() -> None:
    found = queries.parse(FILE)

    assert list(found) == ["first", "second_one"]
    assert found["first"] == queries.Query("first", "Gives one.", "SELECT 1 -- a comment within\nWHERE true")


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("SELECT 1\n" + FILE, "before the first"),
        (FILE + FILE, "'first' comes twice"),
        ("-- first --\nSELECT 1\n", "'first' needs a line"),
        ("-- first --\n-- Gives nothing.\n", "'first' needs a line"),
    ],
)
def test_a_file_that_is_not_whole_is_refused(text: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        queries.parse(text)


@pytest.mark.parametrize("file", ["log", "rooms", "people", "stories", "votes", "memories"])
def test_our_files_can_be_loaded(file: str) -> None:
    assert len(queries.load(file)) >= 2
