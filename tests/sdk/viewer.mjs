// Owns what the scenarios share: a viewer made of the real SDK, as web/ uses it, that notes all it is told.
import { createRequire } from "node:module";

const require = createRequire(new URL("../../web/package.json", import.meta.url));
const { Centrifuge } = require("centrifuge");

const PATIENCE_MS = 60_000;

export class Viewer {
  constructor(port, room) {
    this.publications = [];
    this.subscribed = [];
    this.errors = [];
    this.room = room;
    this.client = new Centrifuge(`ws://127.0.0.1:${port}/connection/websocket`, {
      minReconnectDelay: 10,
      maxReconnectDelay: 100,
      data: { from: "the tests" },
      // The token of the first connection makes the guest the same viewer on the next one.
      getToken: async () => this.token ?? "",
    });
    this.client.on("connected", (context) => { this.token = context.data.token; });
    this.client.on("error", (context) => this.errors.push(context.error));
    this.subscription = this.client.newSubscription(`room:${room}`);
    this.subscription.on("publication", ({ offset, data }) => this.publications.push({ offset, data }));
    this.subscription.on("subscribed", ({ wasRecovering, recovered, positioned, data }) =>
      this.subscribed.push({ wasRecovering, recovered, positioned, room: data.room }));
    this.subscription.subscribe();
    this.client.connect();
  }

  ready() {
    return this.subscription.ready(PATIENCE_MS);
  }

  async say(text, id) {
    const { data } = await this.client.rpc("say", { channel: `room:${this.room}`, text, id });
    return data.offset;
  }

  chats() {
    return this.publications.filter(({ data }) => data.t === "chat");
  }

  durable() {
    return this.publications.filter(({ offset }) => offset);
  }

  // Until `isSo()`, asked anew after every publication.
  until(isSo) {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error("waited too long")), PATIENCE_MS);
      const look = () => {
        if (!isSo()) return;
        clearTimeout(timer);
        this.subscription.removeListener("publication", look);
        resolve();
      };
      this.subscription.on("publication", look);
      look();
    });
  }

  leave() {
    this.client.disconnect();
  }
}

export function tell(result) {
  process.stdout.write(JSON.stringify(result));
}
