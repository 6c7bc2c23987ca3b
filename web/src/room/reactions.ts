/** Owns which reactions there are, how often one viewer may react, and what of the room's reactions is news. Pure. */

export const REACTIONS = ['heart', 'laugh', 'cry', 'cheer', 'surprised', 'clap'] as const;
export type Reaction = (typeof REACTIONS)[number];

/** The edge takes five a second; a little less, so that none is refused. */
const REACT_EVERY_MS = 250;

export function mayReact(last_ms: number, now_ms: number): boolean {
  return now_ms - last_ms >= REACT_EVERY_MS;
}

export type Counts = Readonly<Record<string, number>>;

/** Some of one kind that have just come. */
export interface Burst {
  readonly kind: Reaction;
  readonly count: number;
}

/**
 * What others have sent between two counts of the room. `own`: what the viewer has sent and the room has not counted
 * yet, by kind: it was shown at once, and is not shown again. Returns the bursts, and what of `own` is still to come.
 */
export function newBursts(before: Counts, after: Counts, own: Counts): { bursts: Burst[]; own: Counts } {
  const bursts: Burst[] = [];
  const left: Record<string, number> = { ...own };
  for (const kind of REACTIONS) {
    const came = (after[kind] ?? 0) - (before[kind] ?? 0);
    if (came <= 0) continue;
    const mine = Math.min(came, own[kind] ?? 0);
    if (mine > 0) left[kind] = (own[kind] ?? 0) - mine;
    if (came > mine) bursts.push({ kind, count: came - mine });
  }
  return { bursts, own: left };
}
