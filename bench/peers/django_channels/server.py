"""The room as Django Channels makes it: a consumer per viewer, a group per room, Redis between them.

    REDIS_PORT=… LAYER=core python -m daphne -b 127.0.0.1 -p PORT server:application

LAYER: core is `channels_redis.core.RedisChannelLayer`, which its documentation names first; pubsub the newer one.
"""

import os
from typing import Any

import django
from channels.generic.websocket import AsyncWebsocketConsumer
from channels.routing import ProtocolTypeRouter, URLRouter
from django.conf import settings
from django.urls import re_path

LAYERS = {
    "core": "channels_redis.core.RedisChannelLayer",
    "pubsub": "channels_redis.pubsub.RedisPubSubChannelLayer",
}
ROOM = "room"


class Viewer(AsyncWebsocketConsumer):
    async def connect(self) -> None:
        await self.channel_layer.group_add(ROOM, self.channel_name)
        await self.accept()

    async def disconnect(self, code: int) -> None:  # noqa: ARG002  Channels names it
        await self.channel_layer.group_discard(ROOM, self.channel_name)

    async def receive(self, text_data: str | None = None, **_: Any) -> None:
        await self.channel_layer.group_send(ROOM, {"type": "line", "text": text_data})

    async def line(self, event: dict[str, Any]) -> None:
        await self.send(text_data=event["text"])


settings.configure(
    SECRET_KEY=os.urandom(16).hex(),
    ALLOWED_HOSTS=["*"],
    CHANNEL_LAYERS={
        "default": {
            "BACKEND": LAYERS[os.environ.get("LAYER", "core")],
            "CONFIG": {"hosts": [("127.0.0.1", int(os.environ["REDIS_PORT"]))]},
        }
    },
)
django.setup()
application = ProtocolTypeRouter({"websocket": URLRouter([re_path(r"", Viewer.as_asgi())])})
