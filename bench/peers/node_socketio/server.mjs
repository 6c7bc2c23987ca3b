// The room as socket.io makes it: `join`, and `io.to(room).emit`. WebSocket only, as its chapter on speed advises.
//
//   node server.mjs PORT
import { createServer } from "node:http";
import { Server } from "socket.io";

const ROOM = "room";
const http = createServer();
const io = new Server(http, { transports: ["websocket"], perMessageDeflate: false, serveClient: false });

// Its own advice for memory: the first request of a socket is not kept.
io.engine.on("connection", (raw) => {
  raw.request = null;
});

io.on("connection", (viewer) => {
  viewer.join(ROOM);
  viewer.on("say", (line) => io.to(ROOM).emit("line", line));
});

http.listen({ host: "127.0.0.1", port: Number(process.argv[2]), backlog: 4096 });
