"""Owns the moment in which a viewer comes in: the handshake, and the layers of a connection put together."""

from edge.asks import Asks
from edge.connection import Connection
from edge.letters import Letters
from edge.services import Services
from edge.stream import ViewerStream
from edge.viewers import Viewers
from edge.visits import Visits
from edge.websocket import BadHandshake, WebSocket, accept


class Reception:
    """Stream, WebSocket, connection: each knows the next one only by what it asks of it."""

    def __init__(self, services: Services, viewers: Viewers) -> None:
        self._services = services
        self._viewers = viewers
        self._visits = Visits(services)
        letters = Letters(services.rooms, services.stories, services.tellers)
        self._asks = Asks(services.rooms, letters, services.memories)
        self._left = viewers.remove

    def serve_viewer(self, stream: ViewerStream, head: bytes, behind: bytes) -> None:
        """Serves a stream from its handshake to its end. head: the request for a WebSocket, up to its empty line.
        behind: what came after it already."""
        try:
            answer = accept(head)
        except BadHandshake as exc:
            stream.write(exc.response)
            stream.finish()
            return
        stream.write(answer)
        connection = Connection(stream, self._services, self._visits, self._asks, self._left)
        websocket = WebSocket(stream, connection)
        stream.start(websocket)
        self._viewers.add(connection)
        if behind:
            websocket.received(behind)
