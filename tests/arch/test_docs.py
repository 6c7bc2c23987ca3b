"""What the documents say about the tree and the code is so."""

import importlib
import re
from collections.abc import Iterator
from pathlib import Path

from edge.close_codes import Close
from runtime.refusal import Code

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), ROOT / "web" / "README.md"])

_CODE_BLOCK = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"(?:\]\(|(?:src|href)=\")([^)\s\"]+)")
_TICKED_PATH = re.compile(r"`([\w.-]+(?:/[\w.<>*-]+)+/?|[\w.-]+/)`")


def _prose(page: Path) -> str:
    return _CODE_BLOCK.sub("", page.read_text(encoding="utf-8"))


def _anchors(page: Path) -> set[str]:
    """Of its headings, as forges make them: small letters, hyphens for blanks, no other punctuation."""
    heads = re.findall(r"^#+ (.+)$", _prose(page), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", head.lower()).replace(" ", "-") for head in heads}


def _links() -> Iterator[tuple[Path, str]]:
    for page in PAGES:
        for target in _LINK.findall(_prose(page)):
            if not re.match(r"[a-z]+:", target):
                yield page, target


def _table(page: Path) -> Iterator[list[str]]:
    for line in page.read_text(encoding="utf-8").splitlines():
        if line.startswith("| "):
            yield [cell.strip() for cell in line.strip("|").split("|")]


def test_every_relative_link_leads_somewhere() -> None:
    links = list(_links())
    assert len(links) > 20
    lost = []
    for page, target in links:
        path, _, anchor = target.partition("#")
        aim = (page.parent / path).resolve() if path else page
        if not aim.exists() or (anchor and anchor not in _anchors(aim)):
            lost.append(f"{page.relative_to(ROOT)}: {target}")
    assert lost == []


def test_every_path_in_backticks_exists() -> None:
    """A path is one that begins with something at the top of the repository, or stands in web/ for its own README."""
    seen, lost = 0, []
    for page in PAGES:
        base = page.parent if page.parent.name == "web" else ROOT
        for path in _TICKED_PATH.findall(_prose(page)):
            if path.startswith("/") or not (base / path.split("/")[0]).exists():
                continue
            seen += 1
            if not any(base.glob(re.sub(r"<\w+>", "*", path.rstrip("/")))):
                lost.append(f"{page.relative_to(ROOT)}: {path}")
    assert seen > 50
    assert lost == []


def test_every_line_of_the_readmes_tree_names_a_folder_that_exists() -> None:
    tree = re.search(
        r"^## The tree\n\n```\n(.*?)```", (ROOT / "README.md").read_text(), re.MULTILINE | re.DOTALL
    )
    assert tree is not None
    folders = [line.split()[0] for line in tree[1].splitlines()]
    assert len(folders) > 15
    assert [folder for folder in folders if not (ROOT / folder).is_dir()] == []


def test_the_limits_in_the_architecture_are_those_of_the_code() -> None:
    told = {}
    for constant, value, *_ in _table(ROOT / "docs" / "architecture.md"):
        if match := re.fullmatch(r"`([a-z_.]+)\.([A-Z_]+)`", constant):
            told[match[1], match[2]] = float(value.replace(",", ""))
    assert len(told) > 30
    assert told == {(module, name): getattr(importlib.import_module(module), name) for module, name in told}


def test_every_error_and_close_has_its_line_in_the_viewer_protocol() -> None:
    text = (ROOT / "docs" / "viewer-protocol.md").read_text(encoding="utf-8")
    errors, closes = text[text.index("## Errors") : text.index("## Closes")], text[text.index("## Closes") :]
    assert [int(code) for code in Code if not re.search(rf"\b{int(code)}\b", errors)] == []
    assert [int(code) for code in Close if not re.search(rf"\b{int(code)}\b", closes)] == []


def test_every_decision_has_its_four_parts_on_one_page() -> None:
    records = sorted((ROOT / "docs" / "adr").glob("*.md"))
    assert len(records) >= 7
    for number, record in enumerate(records, 1):
        text = record.read_text(encoding="utf-8")
        assert record.name.startswith(f"{number:04}-")
        assert text.startswith(f"# {number}. ")
        assert all(
            f"**{part}.**" in text
            for part in ("Context", "Choice", "What we gave up", "How we will know it was wrong")
        ), record.name
        assert len(text.split()) <= 500, f"{record.name} is longer than a page"
