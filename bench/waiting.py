"""Owns waiting until a group of viewers has all that there is: the durable events; a reply may stream on meanwhile.

(`Crowd.settle` waits until nothing comes at all, which in a room where a persona speaks takes as long as it speaks.)
"""

import time

from bench.crowd import ALL, Crowd
from bench.orders import Json

LOOKS_EVERY_S = 0.1


def figures_abreast(crowd: Crowd, *, group: str = ALL, within_s: float) -> Json:
    """The group's figures once everybody is in and nobody lacks what another one has; else the last ones. Looked at any
    later, an event that is just on its way would make some of them be behind again."""
    deadline_s = time.monotonic() + within_s
    while True:
        figures = crowd.figures(group=group)
        is_abreast = figures["open"] == figures["viewers"] and not figures["behind"]
        if is_abreast or time.monotonic() >= deadline_s:
            return figures
        time.sleep(LOOKS_EVERY_S)
