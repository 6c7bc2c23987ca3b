"""Owns finding out where an edge's time goes while it fans out: py-spy's samples, and the kernel's share.

    python -m bench.profile [--quick] [--out DIRECTORY] [--viewers 1000]

The edge is under the same load as in `bench.fanout`, unpaced, one event a frame. A system call counts as the Python
line that makes it; user and system time from /proc say how much of it was the kernel's. Needs the right to
trace (root, or kernel.yama.ptrace_scope 0).
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from contextlib import ExitStack
from pathlib import Path

from bench import platform
from bench.crowd import ROOM, Crowd
from bench.fanout import enter
from bench.orders import ROOT
from bench.results import Part, arguments, part_of

SAMPLES_PER_S = 400
SHOWN = 20
TICKS_PER_S = os.sysconf("SC_CLK_TCK")


def self_times(raw: str) -> tuple[Counter[str], int]:
    """Samples by the function at the top of the stack, and all of them. raw: py-spy's format of that name, one stack a
    line from the root on, `frame;frame;… count`."""
    counts: Counter[str] = Counter()
    for line in raw.splitlines():
        stack, _, count = line.rpartition(" ")
        if stack:
            counts[_place(stack.split(";")[-1])] += int(count)
    return counts, counts.total()


def _place(frame: str) -> str:
    """`function (file)`, without the line number, the file without what lies before our folders and the libraries'."""
    function, _, rest = frame.partition(" (")
    file = rest.rstrip(")").rpartition(":")[0] or rest.rstrip(")")
    for before in ("site-packages/", f"{ROOT}/", "lib/python3.11/"):
        file = file.rpartition(before)[2]
    return f"{function} ({file})" if file else function


def measure(part: Part, viewers: int, seconds: float, tree: Path) -> None:
    """A row for each of the functions in which most of the time goes."""
    spy = shutil.which("py-spy") or str(Path(sys.executable).with_name("py-spy"))
    if not Path(spy).exists():
        part.note("py-spy is not installed: pip install 'lovelm[bench]'")
        return
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        stores = stack.enter_context(platform.stores())
        actor = stack.enter_context(platform.scripted_actor())
        edge = stack.enter_context(
            platform.edge(stores, actor.address, tree=tree, LOVELM_FANOUT_WINDOW_MS="0")
        )
        crowd = stack.enter_context(Crowd(edge.port, cpu=platform.CROWD_CPU))
        enter(crowd, viewers)
        crowd.settle(quiet_s=0.5)
        crowd.figures(reset=True)
        # More than it can take would only wait in gRPC: so much that it has no pause.
        actor.begin_publishing([ROOM], per_s=250_000 / viewers, seconds=seconds + 2)
        raw = Path(folder) / "raw"
        before = _times_s(edge.pid)
        options = f"--nonblocking --duration {seconds} --rate {SAMPLES_PER_S} --format raw"
        done = subprocess.run(
            [spy, "record", "--pid", str(edge.pid), "--output", str(raw), *options.split()],
            capture_output=True,
            text=True,
            check=False,
        )
        user_s, system_s = (now - then for now, then in zip(_times_s(edge.pid), before, strict=True))
        if done.returncode != 0 or not raw.exists():
            part.note(f"py-spy could not look into the edge: {done.stderr.strip()[-200:]}")
        else:
            counts, total = self_times(raw.read_text())
            for place, count in counts.most_common(SHOWN):
                part.add(function=place, samples=count, percent=100 * count / max(1, total))
        part.note(
            f"{viewers} viewers, one event a frame, no pause: {100 * system_s / (user_s + system_s):.0f} % of the "
            f"edge's CPU time was the kernel's, {100 * user_s / (user_s + system_s):.0f} % Python's."
        )


def _times_s(pid: int) -> tuple[float, float]:
    """(user, system) CPU seconds of a process."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) / TICKS_PER_S, int(fields[12]) / TICKS_PER_S


def main() -> None:
    parser = arguments("profile", "Where an edge's time goes.")
    parser.add_argument("--viewers", type=int, default=1_000)
    parser.add_argument("--tree", type=Path, default=ROOT, help="whose edge")
    given = parser.parse_args()
    part = part_of("profile", given)
    measure(part, 50 if given.quick else given.viewers, 1 if given.quick else 4, given.tree)
    part.save()


if __name__ == "__main__":
    main()
