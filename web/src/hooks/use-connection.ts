import { useSyncExternalStore } from 'react';
import type { Connection, Link } from '../session/connection';
import type { Identity } from '../session/identity';

export function useLink(connection: Connection): Link {
  return useSyncExternalStore(connection.watch, connection.link);
}

export function useIdentity(connection: Connection): Identity | null {
  return useSyncExternalStore(connection.watch, connection.identity);
}
