import { useEffect, useRef, useState } from 'react';
import { nextPosition } from '../room/pace';
import type { Turn } from '../room/state';

const LONGEST_FRAME_S = 0.1;

/** How many code points of the turn's text are shown by now: an even pace behind the uneven stream. */
export function useCaption(turn: Turn | null, isStill: boolean): number {
  const [shown, setShown] = useState(turn?.heard ?? 0);
  const place = useRef({ reply: '', position: 0, at_ms: 0 });
  const reply = turn?.reply ?? '';
  const length = turn?.length ?? 0;
  const heard = turn?.heard ?? 0;
  useEffect(() => {
    const now = place.current;
    if (now.reply !== reply) {
      now.reply = reply;
      now.position = heard;
    }
    now.position = Math.min(Math.max(now.position, heard), length);
    if (isStill) now.position = length;
    setShown(Math.floor(now.position));
    if (now.position >= length) return;
    let frame = 0;
    const step = (now_ms: number) => {
      const elapsed_s = Math.min(LONGEST_FRAME_S, Math.max(0, now_ms - now.at_ms) / 1000);
      now.at_ms = now_ms;
      now.position = nextPosition(now.position, length, elapsed_s);
      setShown(Math.floor(now.position));
      if (now.position < length) frame = requestAnimationFrame(step);
    };
    frame = requestAnimationFrame(step);
    return () => cancelAnimationFrame(frame);
  }, [reply, length, heard, isStill]);
  // Between a change of turn and the effect above the old position must not show the new text.
  return place.current.reply === reply ? Math.min(shown, length) : heard;
}
