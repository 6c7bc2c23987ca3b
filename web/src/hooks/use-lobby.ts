import { useEffect, useState } from 'react';
import { fetchRooms } from '../session/api';
import type { Connection } from '../session/connection';
import type { Room } from '../session/shapes';
import { readRooms } from '../session/wire';

const RETRY_MS = 3000;

/** The rooms: by HTTP for the first sight, then by the lobby channel. null: not known yet. */
export function useLobby(connection: Connection): { rooms: Room[] | null; hasFailed: boolean } {
  const [rooms, setRooms] = useState<Room[] | null>(null);
  const [hasFailed, setFailed] = useState(false);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let isHere = true;
    let isTold = false;
    const take = (fresh: Room[]) => {
      if (!isHere) return;
      setFailed(false);
      setRooms(fresh);
    };
    const ask = () => {
      fetchRooms().then(
        (fresh) => {
          if (!isTold) take(fresh);
        },
        () => {
          if (!isHere || isTold) return;
          setFailed(true);
          timer = setTimeout(ask, RETRY_MS);
        },
      );
    };
    ask();
    const lobby = connection.join('lobby');
    const told = (data: unknown) => {
      const fresh = readRooms(data);
      if (fresh.length === 0) return;
      isTold = true;
      take(fresh);
    };
    lobby.on('subscribed', (context) => told(context.data));
    lobby.on('publication', (context) => told(context.data));
    lobby.subscribe();
    return () => {
      isHere = false;
      clearTimeout(timer);
      connection.release(lobby);
    };
  }, [connection]);
  return { rooms, hasFailed };
}
