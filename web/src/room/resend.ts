/** Owns when a line that was not taken is sent again, and when to give up. Pure: time and chance are told. */
import { FIRST_SERVER_CODE } from '../session/connection';
import { SLOW_MODE } from './slow-mode';

/** How one line has fared so far. */
export interface Tries {
  readonly failed: number;
  /** Spent on calls and pauses; the time without a connection does not count. */
  readonly spent_ms: number;
  /** Before the next try. */
  readonly pause_ms: number;
}

export const FIRST_TRY: Tries = { failed: 0, spent_ms: 0, pause_ms: 0 };

const TOO_FAST = 111;
const PAUSE_MS = 500;
/** Who was too fast starts slower: sending again soon would only be too fast again. */
const PAUSE_TOO_FAST_MS = 2_000;
const PAUSE_MOST_MS = 5_000;
const GIVE_UP_MS = 30_000;

/** Whether the same words may be taken the next time: the server says so, or nobody knows whether they arrived. In slow
 * mode they go back to the viewer, who sees how long to wait and may have better ones by then. */
export function mayHelp(refusal: { readonly code: number; readonly temporary: boolean }): boolean {
  return (refusal.temporary && refusal.code !== SLOW_MODE) || refusal.code < FIRST_SERVER_CODE;
}

/** The next try after one that took `call_ms` and failed with `code`; null when it is time to ask the viewer.
 * `chance` in [0, 1) spreads those who failed at the same moment. */
export function nextTry(tries: Tries, call_ms: number, code: number, chance: number): Tries | null {
  const first_ms = code === TOO_FAST ? PAUSE_TOO_FAST_MS : PAUSE_MS;
  const pause_ms = Math.min(first_ms * 2 ** tries.failed, PAUSE_MOST_MS) * (0.8 + 0.2 * chance);
  const spent_ms = tries.spent_ms + call_ms + pause_ms;
  return spent_ms > GIVE_UP_MS ? null : { failed: tries.failed + 1, spent_ms, pause_ms };
}
