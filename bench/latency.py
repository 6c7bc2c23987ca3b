"""Owns measuring how long a line takes on the whole platform: to its answer, to the screens; through Envoy, and not.

    python -m bench.latency [--quick] [--out DIRECTORY]

Many viewers speak at an even rate, however the answers come. An answer says that the line is in PostgreSQL. To the
screen: from the say until the kernel has the line for a viewer, sampled over all of them.
"""

from dataclasses import dataclass

from bench import platform
from bench.crowd import Crowd
from bench.fanout import enter
from bench.results import Part, arguments, part_of
from bench.spoken import speak

ENVOY = "envoy"


@dataclass(frozen=True, slots=True)
class Sizes:
    """runs: (viewers, speakers, lines/s), viewers never fewer than before. doors: how they come in."""

    runs: tuple[tuple[int, int, int], ...]
    doors: tuple[str, ...]
    seconds: float


FULL = Sizes(((100, 100, 1_000), (1_000, 200, 100), (1_000, 200, 1_000)), ("direct", ENVOY), 5.0)
QUICK = Sizes(((20, 10, 50),), ("direct",), 0.5)


def measure(part: Part, sizes: Sizes, door: str) -> None:
    """One row for each run, all on one platform, to which viewers come as they are needed."""
    options = () if door == ENVOY else ("--no-envoy",)
    here = 0
    with platform.whole(*options) as running, Crowd(running.port, cpu=platform.CROWD_CPU) as crowd:
        for viewers, speakers, lines_per_s in sizes.runs:
            enter(crowd, viewers - here, samples=64)
            here = viewers
            spoken = speak(crowd, running, lines_per_s=lines_per_s, seconds=sizes.seconds, speakers=speakers)
            part.add(door=door, viewers=viewers, speakers=speakers, lines_per_s=lines_per_s, **spoken)


def main() -> None:
    given = arguments("latency", "From say to answer and to screen, on the whole platform.").parse_args()
    part, sizes = part_of("latency", given), QUICK if given.quick else FULL
    for door in sizes.doors:
        measure(part, sizes, door)
    part.save()


if __name__ == "__main__":
    main()
