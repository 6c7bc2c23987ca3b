// A viewer whose connection is cut in the middle of the talk, through a proxy that destroys it. Arguments: port, room,
// lines. Prints what it saw, how it came back, and what a viewer who was never cut saw.
import net from "node:net";

import { Viewer, tell } from "./viewer.mjs";

const [port, room, lines] = process.argv.slice(2);
const count = Number(lines);

const open = new Set();
let isAway = false;
const proxy = net.createServer((near) => {
  if (isAway) {
    near.destroy();
    return;
  }
  const far = net.connect(Number(port), "127.0.0.1");
  const cut = () => { near.destroy(); far.destroy(); open.delete(cut); };
  open.add(cut);
  for (const socket of [near, far]) socket.on("error", cut).on("close", cut);
  near.pipe(far);
  far.pipe(near);
});
await new Promise((resolve) => proxy.listen(0, "127.0.0.1", resolve));

const steady = new Viewer(port, room);
const shaky = new Viewer(proxy.address().port, room);
await Promise.all([steady.ready(), shaky.ready()]);

const say = (from, to) =>
  Promise.all(Array.from({ length: to - from }, (_, n) => steady.say(`말 ${from + n}`, `m${from + n}`)));

await say(0, count);
await shaky.until(() => shaky.chats().length === count);
const dropped = new Promise((resolve) => shaky.subscription.once("subscribing", resolve));
isAway = true;
for (const cut of [...open]) cut();
const returned = new Promise((resolve) => shaky.subscription.once("subscribed", resolve));
await dropped;
await say(count, 2 * count);
isAway = false;
await returned;
await say(2 * count, 3 * count);
const last = await steady.say("끝", "end");
for (const viewer of [steady, shaky]) await viewer.until(() => viewer.durable().some(({ offset }) => offset >= last));

tell({
  last,
  subscribed: shaky.subscribed,
  shaky: shaky.durable().filter(({ offset }) => offset <= last),
  steady: steady.durable().filter(({ offset }) => offset <= last),
});
steady.leave();
shaky.leave();
for (const cut of [...open]) cut();
proxy.close();
