import { useEffect, useRef, useState } from 'react';
import type { Line } from '../room/state';
import { words } from '../words/ko';

/** A fast chat read aloud is noise: at most this often something is told. */
const EVERY_MS = 4000;
/** Up to this many lines are told in full, more as a number. */
const TOLD_MAX = 3;

/** What a screen reader is told of the chat: the new lines of others when few, their number when many. */
export function useChatDigest(lines: readonly Line[], viewer: string): string {
  const [digest, setDigest] = useState('');
  const now = useRef(lines);
  now.current = lines;
  const me = useRef(viewer);
  me.current = viewer;
  useEffect(() => {
    let told: number | null = null;
    const timer = setInterval(() => {
      const last = now.current.at(-1)?.offset;
      if (last === undefined) return;
      const from = told;
      told = last;
      // What was there on entering is history, not news. Answers are told by the caption.
      if (from === null || from >= last) return;
      const fresh = now.current.filter(
        (line) => line.offset > from && line.kind === 'chat' && line.viewer !== me.current,
      );
      if (fresh.length === 0) return;
      setDigest(
        fresh.length > TOLD_MAX
          ? words.linesArrived(fresh.length)
          : fresh.map((line) => (line.kind === 'chat' ? `${line.nick}: ${line.text}` : '')).join('. '),
      );
    }, EVERY_MS);
    return () => clearInterval(timer);
  }, []);
  return digest;
}
