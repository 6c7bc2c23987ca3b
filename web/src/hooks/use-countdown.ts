import { useEffect, useState } from 'react';
import { secondsLeft } from '../room/slow-mode';

/** Whole seconds until a moment of the page's clock; 0 when it has come. Infinity stays Infinity. */
export function useCountdown(until_ms: number): number {
  const [left_s, setLeft] = useState(() => secondsLeft(until_ms, performance.now()));
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const tick = () => {
      const now_ms = performance.now();
      const next_s = secondsLeft(until_ms, now_ms);
      setLeft(next_s);
      if (next_s > 0 && next_s !== Infinity)
        timer = setTimeout(tick, until_ms - (next_s - 1) * 1000 - now_ms);
    };
    tick();
    return () => clearTimeout(timer);
  }, [until_ms]);
  return left_s;
}
