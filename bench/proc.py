"""Owns what the kernel tells of processes and of its own memory: CPU time, resident memory, slab, sockets. Linux only.

Source: proc(5). Knows nothing of what the processes are.
"""

import os
import re
from dataclasses import dataclass
from pathlib import Path

_TICK_S = 1 / os.sysconf("SC_CLK_TCK")
_PAGE_KB = os.sysconf("SC_PAGE_SIZE") // 1024


def cpu_s(pid: int) -> float:
    """CPU seconds, user and system, of a process with all its threads. 0 when it is gone."""
    fields = _stat(pid)
    return (int(fields[11]) + int(fields[12])) * _TICK_S if fields else 0.0


def cpu_with_children_s(pid: int) -> float:
    """CPU seconds of a process, of its children that live, and of those that it has waited for."""
    fields = _stat(pid)
    if not fields:
        return 0.0
    own = sum(int(ticks) for ticks in fields[11:15]) * _TICK_S
    return own + sum(cpu_with_children_s(child) for child in children(pid))


def children(pid: int) -> list[int]:
    try:
        tasks = list(Path(f"/proc/{pid}/task").iterdir())
        return [int(child) for task in tasks for child in (task / "children").read_text().split()]
    except OSError:
        return []


def pss_kb(pid: int) -> int:
    """Proportional memory: pages shared by n processes count one n-th."""
    found = re.search(r"^Pss:\s+(\d+)", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.MULTILINE)
    return int(found[1]) if found else 0


def rss_kb(pid: int) -> int:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE_KB


def _stat(pid: int) -> list[str]:
    """The fields from `state` on; the name before may hold blanks. Empty when the process is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


@dataclass(frozen=True, slots=True)
class Kernel:
    """What the kernel holds for all processes, in KB. sockets: TCP sockets in use, both ends of a loopback pair."""

    slab_kb: int
    tcp_buffers_kb: int
    sockets: int

    def __sub__(self, before: "Kernel") -> "Kernel":
        return Kernel(
            self.slab_kb - before.slab_kb,
            self.tcp_buffers_kb - before.tcp_buffers_kb,
            self.sockets - before.sockets,
        )


def kernel() -> Kernel:
    """Now. tcp_buffers_kb: pages of data that wait in sockets; they are no slab."""
    slab = re.search(r"^Slab:\s+(\d+)", Path("/proc/meminfo").read_text(), re.MULTILINE)
    tcp = re.search(r"^TCP: inuse (\d+) .* mem (\d+)", Path("/proc/net/sockstat").read_text(), re.MULTILINE)
    if slab is None or tcp is None:
        raise RuntimeError("this kernel does not tell its memory")
    return Kernel(int(slab[1]), int(tcp[2]) * _PAGE_KB, int(tcp[1]))


def slabs_kb() -> dict[str, float]:
    """Memory of each kind of kernel object, by the slabs that hold them. Empty without the right to read it."""
    try:
        lines = Path("/proc/slabinfo").read_text().splitlines()[2:]
    except OSError:
        return {}
    kinds = {}
    for line in lines:
        head, _, slabdata = line.partition(" : slabdata ")
        name, _, _, _, _, pages_per_slab = head.split(" : ")[0].split()[:6]
        kinds[name] = int(slabdata.split()[1]) * int(pages_per_slab) * float(_PAGE_KB)
    return kinds
