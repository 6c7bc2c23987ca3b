"""Owns what a viewer costs who does nothing: KB in the edge and in the kernel, and the CPU of an idle minute.

    python -m bench.memory [--viewers 1000 10000] [--idle-s 60] [--quick]

First the viewers only connect ("connected"), then all subscribe to one room ("joined"). The last number, to which those
before count, stays for a minute in which nothing happens but pings ("idle"), and then hears some lines ("joined, after
40 lines"). KB each: of the newcomers, beyond what there was before they came. The edge's memory is its PSS.

The kernel's: objects of sockets, files and epoll by /proc/slabinfo. Both ends of a connection are of this machine and
made of the same objects, so half of what grew is the server's. A row of bare loopback pairs, of which no program knows
more than the number, shows that half.
"""

import select
import socket
import time
from dataclasses import dataclass

from bench import results
from bench.crowd import Crowd
from bench.platform import CROWD_CPU, Whole, whole
from bench.proc import Kernel, kernel, pss_kb, rss_kb, slabs_kb
from bench.storm import allow_files
from bench.waiting import figures_abreast

SOCKET_SLABS = (
    "TCP", "sock_inode_cache", "filp", "eventpoll_epi", "eventpoll_pwq", "ep_head", "lsm_file_cache",
    "skbuff_head_cache", "skbuff_fclone_cache", "skbuff_small_head", "request_sock_TCP",
)  # fmt: skip
"""Of dentries and of the general slabs a socket has some, too: 0.3 KB. But so has all else that runs meanwhile."""

OTHER_SOCKETS_MOST = 20
"""What the platform itself opens and closes meanwhile."""

BARE_PAIRS = 2_000
LINES = 40
QUIET_S = 1.5
EDGE = "edge-1"


@dataclass(frozen=True, slots=True)
class Memory:
    """At a moment."""

    pss_kb: int
    rss_kb: int
    sockets_kb: float
    kernel: Kernel

    def each(self, before: "Memory", viewers: int) -> dict[str, float | None]:
        """KB a viewer since then. None for the kernel's when other sockets than theirs came or went meanwhile."""
        grown = self.kernel - before.kernel
        is_theirs = abs(grown.sockets - 2 * viewers) <= OTHER_SOCKETS_MOST + 0.02 * viewers
        kernel_kb = (self.sockets_kb - before.sockets_kb) / 2 if is_theirs else None
        return {
            "edge_pss_kb_each": (self.pss_kb - before.pss_kb) / viewers,
            "edge_rss_kb_each": (self.rss_kb - before.rss_kb) / viewers,
            "kernel_kb_each": None if kernel_kb is None else kernel_kb / viewers,
            "all_kb_each": None if kernel_kb is None else (self.pss_kb - before.pss_kb + kernel_kb) / viewers,
            "whole_slab_kb_each": grown.slab_kb / 2 / viewers,
        }


def memory(pid: int) -> Memory:
    held = slabs_kb()
    sockets_kb = sum(held.get(name, 0.0) for name in SOCKET_SLABS)
    return Memory(pss_kb(pid), rss_kb(pid), sockets_kb, kernel())


def bare_pairs(pairs: int) -> dict[str, float]:
    """KB in the kernel of one end of a loopback connection that is registered in an epoll and has said something."""
    held, before = slabs_kb(), kernel()
    ends: list[socket.socket] = []
    with (
        socket.create_server(("127.0.0.1", 0), backlog=64) as listener,
        select.epoll() as one,
        select.epoll() as two,
    ):
        for _ in range(pairs):
            client = socket.create_connection(listener.getsockname())
            server, _ = listener.accept()
            one.register(server, select.EPOLLIN)
            two.register(client, select.EPOLLIN)
            server.send(b"x" * 300)
            client.recv(300)
            ends += [client, server]
        now, after = slabs_kb(), kernel()
    for end in ends:
        end.close()
    sockets_kb = sum(now.get(name, 0.0) - held.get(name, 0.0) for name in SOCKET_SLABS)
    return {
        "kernel_kb_each": sockets_kb / len(ends),
        "whole_slab_kb_each": (after.slab_kb - before.slab_kb) / len(ends),
    }


def measure(part: results.Part, numbers: list[int], idle_s: float) -> None:
    """Rows of all numbers of viewers, ascending, on one platform. KB: of those who came last."""
    settings = {"LOVELM_MAX_CONNECTIONS": str(numbers[-1] + 1_000)}
    with whole("--no-envoy", **settings) as platform, Crowd(platform.port, cpu=CROWD_CPU) as crowd:
        edge = platform.pids[EDGE]
        crowd.connect(1)  # what the first viewer makes the edge load and open is no viewer's
        crowd.settle()
        inside, group = 0, ""

        def add(state: str, connected: int) -> None:
            time.sleep(QUIET_S)
            held = memory(edge).each(before, viewers - inside)
            part.add(viewers=viewers, state=state, newcomers=connected, **held)

        for viewers in numbers:
            time.sleep(QUIET_S)
            before = memory(edge)
            group = f"up to {viewers}"
            add(
                "connected",
                int(crowd.connect(viewers - inside, rooms=("",), group=group, samples=0)["connected"]),
            )
            joined = crowd.join(group=group)
            crowd.settle(group=group)
            add("joined", int(joined["joined"]))
            if viewers == numbers[-1]:
                if idle_s:
                    part.add(**_idle(platform, crowd, group, viewers, idle_s))
                crowd.talk(lines_per_s=20, seconds=LINES / 20)
                heard = figures_abreast(crowd, group=group, within_s=3.0)
                add(f"joined, after {LINES} lines", int(heard["open"]))
            inside = viewers


def _idle(platform: Whole, crowd: Crowd, group: str, viewers: int, seconds: float) -> results.Row:
    """Nobody says anything, and the last number of viewers has been told."""
    crowd.settle(group=group, quiet_s=2.0, within_s=10.0)
    crowd.figures(group=group, reset=True)
    cpu_s, began = platform.cpu_s(EDGE), time.monotonic()
    time.sleep(seconds)
    took_s = time.monotonic() - began
    cpu_s = platform.cpu_s(EDGE) - cpu_s
    seen = crowd.figures(group=group)
    return {
        "viewers": viewers,
        "state": "idle",
        "newcomers": int(seen["open"]),
        "seconds": took_s,
        "edge_cpu_s": cpu_s,
        "edge_cpu_pct": 100 * cpu_s / took_s,
        "edge_cpu_us_per_viewer_s": 1e6 * cpu_s / took_s / viewers,
        "bytes_each": seen["bytes"] / max(1, seen["open"]),
        "closed": sum(seen["closes"].values()),
    }


def main() -> None:
    parser = results.arguments("memory", "KB per viewer, and an idle minute's CPU.")
    parser.add_argument("--viewers", type=int, nargs="+", default=[1_000, 10_000])
    parser.add_argument("--idle-s", type=float, default=60.0, help="with the last number of viewers")
    given = parser.parse_args()
    if given.quick:
        given.viewers, given.idle_s = [200], 2.0
    allow_files(max(max(given.viewers), 2 * BARE_PAIRS))
    part = results.part_of("memory", given)
    pairs = BARE_PAIRS // 10 if given.quick else BARE_PAIRS
    part.add(viewers=pairs, state="bare pairs of sockets", **bare_pairs(pairs))
    measure(part, sorted(given.viewers), given.idle_s)
    part.note(
        "Kernel: half of what grew, for both ends of each connection are on this machine and made of the same objects;"
        f" counted are {', '.join(SOCKET_SLABS[:5])} and a few smaller kinds of slab."
        " whole_slab_kb_each: half of the growth of all slabs, with whatever else the machine did."
    )
    part.note("CPU of the idle minute: with a ping and a pong every 25 s for each viewer.")
    part.save()


if __name__ == "__main__":
    main()
