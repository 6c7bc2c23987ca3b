"""Owns waiting until a group of viewers has all that there is: the durable events; a reply may stream on meanwhile.

(`Crowd.settle` waits until nothing comes at all, which in a room where a persona speaks takes as long as it speaks.)
"""

import time

from bench.crowd import ALL, Crowd

LOOKS_EVERY_S = 0.1


def wait_abreast(crowd: Crowd, *, group: str = ALL, within_s: float) -> bool:
    """Until everybody of the group is in and nobody lacks what another one has. False: not in time."""
    deadline_s = time.monotonic() + within_s
    while time.monotonic() < deadline_s:
        figures = crowd.figures(group=group)
        if figures["open"] == figures["viewers"] and not figures["behind"]:
            return True
        time.sleep(LOOKS_EVERY_S)
    return False
