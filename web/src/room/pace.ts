/** Owns how fast a caption appears. The text comes in bursts; reading is even. Pure. */

/** The slowest pace, in code points a second: about a calm speaker. */
const SLOWEST_PER_S = 32;
/** A backlog is spoken within this time, however long it is. */
const CATCH_UP_S = 0.45;

/** Where the caption stands after `elapsed_s`, given where it stood and how much text there is. */
export function nextPosition(position: number, length: number, elapsed_s: number): number {
  if (position >= length) return length;
  const pace = Math.max(SLOWEST_PER_S, (length - position) / CATCH_UP_S);
  return Math.min(length, position + pace * elapsed_s);
}
