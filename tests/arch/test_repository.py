"""What must hold for the repository as a whole. Import rules are import-linter's (`make check`)."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MAX_LINES = 600  # the style looks again above 400; above this a record in docs/adr/ says why

# Put together here, so that this file does not hold them. Users install from mirrors of their own.
REGISTRIES = tuple(
    ".".join(parts)
    for parts in (
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("registry", "npmjs"),
        ("npmjs", "com"),
        ("yarnpkg", "com"),
        ("deb", "debian"),
        ("crates", "io"),
        ("docker", "io"),
        ("ghcr", "io"),
    )
)
MACHINE_PATH = re.compile(
    r"(?<![\w.~$}/-])/(?:" + "|".join(("wor" + "k", "roo" + "t", "hom" + "e")) + r")/\w"
)


def tracked() -> list[Path]:
    done = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    return [path for name in done.stdout.split("\0") if name and (path := ROOT / name).is_file()]


def texts() -> Iterator[tuple[Path, str]]:
    for path in tracked():
        data = path.read_bytes()
        if b"\0" not in data:
            yield path.relative_to(ROOT), data.decode(errors="replace")


def test_no_file_names_a_package_registry() -> None:
    looked_at = dict(texts())
    assert len(looked_at) > 50
    assert [
        f"{path}: {host}" for path, text in looked_at.items() for host in REGISTRIES if host in text
    ] == []


def test_no_file_names_a_path_of_one_machine() -> None:
    assert [
        f"{path}: {match[0]}" for path, text in texts() for match in [MACHINE_PATH.search(text)] if match
    ] == []


def test_no_file_is_left_with_a_merge_mark_or_a_note_to_self() -> None:
    marks = re.compile("^(?:<{7}|>{7}) |" + r"\b(?:TO" + "DO|FIX" + r"ME|XX" + r"X)\b", re.MULTILINE)
    assert [f"{path}: {match[0]}" for path, text in texts() for match in [marks.search(text)] if match] == []


@pytest.mark.parametrize("suffix", [".py", ".ts", ".tsx"])
def test_no_source_file_grows_a_tail(suffix: str) -> None:
    sizes = {
        str(path): text.count("\n")
        for path, text in texts()
        if path.suffix == suffix and "_pb2" not in path.name
    }
    assert {path: lines for path, lines in sizes.items() if lines > MAX_LINES} == {}


def test_every_top_level_folder_has_a_line_in_the_readmes_tree() -> None:
    readme = (ROOT / "README.md").read_text()
    folders = {path.relative_to(ROOT).parts[0] for path in tracked() if len(path.relative_to(ROOT).parts) > 1}
    shown = {folder for folder in folders if not folder.startswith(".")}
    assert shown
    # A line of a tree: the folder's name with a slash, then what it holds.
    missing = {
        folder for folder in shown if not re.search(rf"^[\s│├└─|`*-]*{folder}/\W+\w", readme, re.MULTILINE)
    }
    assert missing == set()


def test_every_package_says_in_one_line_what_it_owns() -> None:
    packages = sorted(ROOT.glob("*/__init__.py"))
    assert packages
    for package in packages:
        first = package.read_text().partition("\n")[0]
        assert first.startswith('"""'), f"{package.relative_to(ROOT)} has no first line"
