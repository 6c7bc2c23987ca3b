import { useCallback, useEffect, useState } from 'react';
import { callAgain } from '../room/call-again';
import type { Connection } from '../session/connection';
import type { Memories } from '../session/shapes';
import { readMemories } from '../session/wire';

export interface MemoryBook {
  /** null: not known yet. */
  readonly book: Memories | null;
  readonly isBusy: boolean;
  readonly trouble: 'loading' | 'acting' | null;
  allow(isOn: boolean): void;
  /** One memory, or all of them. */
  forget(memory?: string): void;
}

/** What the personas remember of the viewer. It shows what the server holds, not what was wished. */
export function useMemories(connection: Connection): MemoryBook {
  const [book, setBook] = useState<Memories | null>(null);
  const [isBusy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState<MemoryBook['trouble']>(null);

  const act = useCallback(
    async (wish: { method: string; data: unknown } | null) => {
      setBusy(true);
      setTrouble(null);
      try {
        if (wish) await callAgain(connection, wish.method, wish.data);
        setBook(readMemories(await callAgain(connection, 'memory.list', {})));
      } catch {
        setTrouble(wish ? 'acting' : 'loading');
      }
      setBusy(false);
    },
    [connection],
  );
  useEffect(() => void act(null), [act]);
  return {
    book,
    isBusy,
    trouble,
    allow: (isOn) => void act({ method: 'memory.consent', data: { on: isOn } }),
    forget: (memory) => void act({ method: 'memory.forget', data: memory === undefined ? {} : { memory } }),
  };
}
