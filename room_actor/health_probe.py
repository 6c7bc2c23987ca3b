"""Owns asking another process whether it lives. Knows nothing of rooms."""

import grpc
import grpc.aio
from grpc_health.v1 import health_pb2, health_pb2_grpc

from runtime import aio

PROBE_DEADLINE_S = 0.3
"""Failover waits for this at most: a living process on a busy machine answers in a tenth of it."""


@aio.asyncio_side
async def is_alive(address: str) -> bool:
    """True when the process at `address` (host:port) answers a health check in time, whatever its answer."""
    async with grpc.aio.insecure_channel(address) as channel:
        stub = health_pb2_grpc.HealthStub(channel)
        try:
            await stub.Check(health_pb2.HealthCheckRequest(), timeout=PROBE_DEADLINE_S)
        except grpc.aio.AioRpcError:
            return False
        return True
