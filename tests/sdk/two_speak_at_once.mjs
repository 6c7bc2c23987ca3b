// Two viewers in one room, so many lines each, all at once; then each says its first line again under the same id.
// Arguments: port, room, lines. Prints what each was told.
import { Viewer, tell } from "./viewer.mjs";

const [port, room, lines] = process.argv.slice(2);
const count = Number(lines);
const viewers = [new Viewer(port, room), new Viewer(port, room)];
await Promise.all(viewers.map((viewer) => viewer.ready()));

const acknowledged = await Promise.all(
  viewers.flatMap((viewer, who) =>
    Array.from({ length: count }, (_, n) => viewer.say(`${who}의 말 ${n}`, `${who}-${n}`)),
  ),
);
const again = await Promise.all(viewers.map((viewer, who) => viewer.say("다른 말", `${who}-0`)));
const last = await viewers[0].say("끝", "end");
await Promise.all(viewers.map((viewer) => viewer.until(() => viewer.durable().some(({ offset }) => offset >= last))));

tell({
  acknowledged,
  again,
  last,
  seen: viewers.map((viewer) => viewer.durable().filter(({ offset }) => offset <= last)),
  errors: viewers.flatMap((viewer) => viewer.errors),
});
for (const viewer of viewers) viewer.leave();
