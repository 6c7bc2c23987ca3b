// A viewer who wants into a room that there is not. Arguments: port, room. Prints how the SDK took it.
import { Viewer, tell } from "./viewer.mjs";

const [port, room] = process.argv.slice(2);
const viewer = new Viewer(port, room);
const { code } = await new Promise((resolve) => viewer.subscription.on("unsubscribed", resolve));
tell({ code, state: viewer.subscription.state });
viewer.leave();
