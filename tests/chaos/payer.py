"""Owns a service that takes payments and tells the room of each, by the studio's API of any edge, until it has the
answer: the same payment under the same key, as often as it takes.
"""

import json
import random
import urllib.request
from collections.abc import Mapping, Sequence
from http.client import HTTPException

import trio

from tests.chaos.cluster import OPERATOR_TOKEN, ROOM
from tests.chaos.history import Paid
from tests.chaos.proxy import LOOPBACK

ANSWER_S = 5.0
PAUSE_S = 0.3


class Payer:
    """`run` is one task; until `hush`."""

    def __init__(self, edge_ports: Mapping[str, int], seed: int, *, began_s: float) -> None:
        self._ports: Sequence[int] = list(edge_ports.values())
        self._dice = random.Random(f"payer/{seed}")
        self._began_s = began_s
        self._is_hushed = False
        self.is_done = False
        """It tells nothing any more, and all that it told was answered."""
        self.payments: list[Paid] = []

    def hush(self) -> None:
        self._is_hushed = True

    async def run(self, every_s: float) -> None:
        number = 0
        while not self._is_hushed:
            number += 1
            payment = f"p-{number}"
            offset = await self._tell(payment)
            self.payments.append(Paid(trio.current_time() - self._began_s, payment, offset))
            if self._dice.random() < 0.2:  # told again by another part of the service
                await self._tell(payment, key=f"{payment} again")
            await trio.sleep(self._dice.uniform(0.5, 1.5) * every_s)
        self.is_done = True

    async def _tell(self, payment: str, key: str = "") -> int:
        while True:
            port = self._dice.choice(self._ports)
            try:
                return await trio.to_thread.run_sync(
                    _post, port, payment, key or payment, abandon_on_cancel=True
                )
            except (OSError, HTTPException, ValueError):  # nobody there, cut off, or not now
                await trio.sleep(self._dice.uniform(0.5, 1.5) * PAUSE_S)


def _post(port: int, payment: str, key: str) -> int:
    asked = {"id": payment, "nick": "하늘", "amount": 5_000, "currency": "KRW", "text": "응원해요"}
    request = urllib.request.Request(
        f"http://{LOOPBACK}:{port}/api/v1/studio/rooms/{ROOM}/donations",
        data=json.dumps(asked).encode(),
        headers={
            "authorization": f"Bearer {OPERATOR_TOKEN}",
            "content-type": "application/json",
            "idempotency-key": key,
        },
    )
    with urllib.request.urlopen(request, timeout=ANSWER_S) as answer:
        return int(json.load(answer)["offset"])
