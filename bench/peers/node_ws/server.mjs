// The room as `ws` makes it: a Set of sockets, and `send` to each that is open. No compression.
//
//   node server.mjs PORT
import { WebSocket, WebSocketServer } from "ws";

const viewers = new Set();
const server = new WebSocketServer({
  host: "127.0.0.1",
  port: Number(process.argv[2]),
  perMessageDeflate: false,
  clientTracking: false, // the room is the Set above
  backlog: 4096,
});

server.on("connection", (viewer) => {
  viewers.add(viewer);
  viewer.on("close", () => viewers.delete(viewer));
  viewer.on("error", () => viewers.delete(viewer));
  viewer.on("message", (line) => {
    // `line` is a Buffer and goes out as it is, as text: its documentation's own way of broadcasting.
    for (const each of viewers) {
      if (each.readyState === WebSocket.OPEN) each.send(line, { binary: false });
    }
  });
});
