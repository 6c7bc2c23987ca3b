import { useCallback, useEffect, useRef, useState } from 'react';
import { type Burst, type Counts, newBursts, type Reaction } from '../room/reactions';

/** A burst that floats up. */
export interface Float extends Burst {
  readonly id: number;
  /** Where it rises, 0 to 1 across its space. */
  readonly place: number;
  readonly delay_ms: number;
}

const FLOAT_MS = 3_500;
/** Those that come together rise one after the other. */
const APART_MS = 180;
/** More than this at once is a fog. */
const FLOATS_MOST = 18;
/** Spreads them evenly, and never two at one place. */
const GOLDEN = 0.618;

/** What floats up: the reactions of others as the room counts them, the viewer's own at once. */
export function useBursts(reactions: Counts): { floats: readonly Float[]; own: (kind: Reaction) => void } {
  const [floats, setFloats] = useState<readonly Float[]>([]);
  const seen = useRef(reactions);
  const sent = useRef<Counts>({});
  const next = useRef(0);
  const timers = useRef(new Set<ReturnType<typeof setTimeout>>());

  const rise = useCallback((bursts: readonly Burst[]) => {
    if (bursts.length === 0 || document.hidden) return;
    const fresh = bursts.map((burst, index) => {
      next.current += 1;
      const place = (next.current * GOLDEN) % 1;
      return { ...burst, id: next.current, place, delay_ms: index * APART_MS };
    });
    setFloats((known) => [...known, ...fresh].slice(-FLOATS_MOST));
    const ids = new Set(fresh.map(({ id }) => id));
    const timer = setTimeout(() => {
      timers.current.delete(timer);
      setFloats((known) => known.filter(({ id }) => !ids.has(id)));
    }, FLOAT_MS);
    timers.current.add(timer);
  }, []);

  useEffect(() => {
    const { bursts, own } = newBursts(seen.current, reactions, sent.current);
    seen.current = reactions;
    sent.current = own;
    rise(bursts);
  }, [reactions, rise]);

  useEffect(() => {
    const pending = timers.current;
    return () => {
      for (const timer of pending) clearTimeout(timer);
    };
  }, []);

  const own = useCallback(
    (kind: Reaction) => {
      sent.current = { ...sent.current, [kind]: (sent.current[kind] ?? 0) + 1 };
      rise([{ kind, count: 1 }]);
    },
    [rise],
  );
  return { floats, own };
}
