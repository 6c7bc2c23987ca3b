import { useCallback, useEffect, useState, useSyncExternalStore } from 'react';
import { enterRoom, type RoomLink } from '../room/room-link';
import { EMPTY_ROOM, type RoomState } from '../room/state';
import type { Connection } from '../session/connection';

const NOTHING_TO_STOP = () => {};

/** In the room as long as the component stands. `link` is null for the first moment. */
export function useRoom(connection: Connection, room: string): { link: RoomLink | null; state: RoomState } {
  const [link, setLink] = useState<RoomLink | null>(null);
  useEffect(() => {
    const entered = enterRoom(connection, room);
    setLink(entered);
    return () => {
      entered.leave();
      setLink(null);
    };
  }, [connection, room]);
  const watch = useCallback((listener: () => void) => link?.watch(listener) ?? NOTHING_TO_STOP, [link]);
  const state = useSyncExternalStore(watch, () => link?.state() ?? EMPTY_ROOM);
  return { link, state };
}
