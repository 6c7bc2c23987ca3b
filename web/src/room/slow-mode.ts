/** Owns when a viewer may speak again in slow mode. Pure: it looks at no clock, times are the page's. */
import type { RoomState } from './state';

/** The server's word that a line came too soon. */
export const SLOW_MODE = 402;

/** After such a word, when the page does not know the viewer's last line (it was said in another tab, or before the
 * page was loaded): a try in this time, or within the interval when that is shorter. */
const TRY_AGAIN_S = 5;

type Known = Pick<RoomState, 'slow_s' | 'spoke_ms' | 'held_ms' | 'pending'>;

/** From when on the next line may be sent; 0: at once. Infinity: while the last one is on its way nobody can tell. */
export function mayAt_ms({ slow_s, spoke_ms, held_ms, pending }: Known): number {
  if (slow_s === 0) return held_ms;
  if (pending.some(({ status }) => status === 'sending' || status === 'waiting')) return Infinity;
  return Math.max(held_ms, spoke_ms === null ? 0 : spoke_ms + slow_s * 1000);
}

/** Until when to wait after a line that came too soon at `at_ms`. */
export function heldUntil_ms(slow_s: number, at_ms: number): number {
  return at_ms + Math.min(slow_s || TRY_AGAIN_S, TRY_AGAIN_S) * 1000;
}

/** Whole seconds to wait, rounded up: at 1 it is not yet time, at 0 it is. */
export function secondsLeft(may_ms: number, now_ms: number): number {
  return Math.max(0, Math.ceil((may_ms - now_ms) / 1000));
}
