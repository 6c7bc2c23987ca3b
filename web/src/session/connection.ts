/**
 * Owns the one Centrifuge connection of the page and the identity it runs under. Knows no room and no React.
 * The SDK reconnects, answers pings and recovers by position; here its states become five words.
 */
import { Centrifuge, State, type Subscription } from 'centrifuge';
import { ApiError, openSession } from './api';
import { type Identity, keepIdentity, recallIdentity, watchIdentity } from './identity';
import { readGoaway } from './wire';

/**
 * connecting: the first time. lost: again, by itself. refused: the server said no; only `retry` helps.
 * moving: the server is about to end and has told us when to be back; nothing is wrong.
 */
export type Link = 'connecting' | 'connected' | 'moving' | 'lost' | 'refused';

/** A refusal of the server, or of the transport when `code` is below 100. */
export class CallError extends Error {
  constructor(
    readonly code: number,
    readonly temporary: boolean,
    message: string,
  ) {
    super(message);
  }
}

/** Below this the SDK speaks (timeout, transport closed): whether the server acted is unknown. */
export const FIRST_SERVER_CODE = 100;

const UNAUTHORIZED = new Set([1, 101, 109, 113, 3500]);
const TOO_MANY = 429;
const RENEW_PAUSE_MS = 10_000;
/** Whatever the server asks for: who waits longer had better look for another server. */
const AWAY_MOST_MS = 60_000;

export interface Connection {
  link(): Link;
  identity(): Identity | null;
  /** Calls back after every change of link or identity; returns how to stop. */
  watch(listener: () => void): () => void;
  /** A subscription of its own; the caller releases it. */
  join(channel: string): Subscription;
  release(subscription: Subscription): void;
  /** Calls back with what the server tells this client alone; returns how to stop. */
  listen(listener: (message: unknown) => void): () => void;
  /** Throws CallError. */
  call(method: string, data: unknown): Promise<unknown>;
  /** Takes a new nick and comes back under it. Throws ApiError. */
  rename(nick: string): Promise<void>;
  retry(): void;
}

export function openConnection(url: string): Connection {
  let identity = recallIdentity();
  let link: Link = 'connecting';
  let wasConnected = false;
  let moving: ReturnType<typeof setTimeout> | undefined;
  let renewedAt = Number.NEGATIVE_INFINITY;
  const listeners = new Set<() => void>();
  const hearers = new Set<(message: unknown) => void>();

  const tell = () => {
    for (const listener of listeners) listener();
  };
  const become = (next: Link) => {
    if (next === link) return;
    link = next;
    tell();
  };
  /** Every tab of the browser is one viewer; what is kept is what the last tab to change it has kept. */
  const newest = () => recallIdentity() ?? identity;
  const take = (next: Identity) => {
    identity = next;
    tell();
  };
  const adopt = (next: Identity) => {
    keepIdentity(next);
    take(next);
  };
  /** Adopts `next`, which came of `old`, unless another tab has kept something newer meanwhile: then that holds. */
  const settle = (old: Identity | null, next: Identity): Identity => {
    const held = newest();
    const isNewer = held !== null && held.token !== old?.token;
    if (isNewer) take(held);
    else adopt(next);
    return isNewer ? held : next;
  };

  /** The same viewer with a fresh token; a new guest under the same nick when the old token is worth nothing. */
  async function renew(): Promise<string> {
    const old = newest();
    let next: Identity;
    try {
      next = await openSession(old ?? {});
    } catch (error) {
      const isRefused = error instanceof ApiError && error.status >= 400 && error.status < 500;
      if (!isRefused || !old || error.status === TOO_MANY) throw error;
      next = await openSession({});
    }
    return settle(old, next).token;
  }

  function connectNow(): void {
    clearTimeout(moving);
    client.connect();
  }

  /** Leaves and comes back as who we are now. */
  function rejoin(): void {
    client.disconnect();
    client.setToken(identity?.token ?? '');
    become(wasConnected ? 'lost' : 'connecting');
    connectNow();
  }

  const client = new Centrifuge(url, {
    token: identity?.token ?? '',
    getToken: renew,
    name: 'lovelm-web',
    minReconnectDelay: 300,
    maxReconnectDelay: 10_000,
  });

  client.on('connecting', () => become(wasConnected ? 'lost' : 'connecting'));
  client.on('connected', (context) => {
    wasConnected = true;
    const told = context.data as Partial<Identity> | undefined;
    if (told?.viewer && (told.viewer !== identity?.viewer || (told.nick && told.nick !== identity?.nick))) {
      settle(identity, {
        viewer: told.viewer,
        nick: told.nick ?? identity?.nick ?? '',
        token: told.token ?? identity?.token ?? '',
      });
    }
    become('connected');
  });
  client.on('message', ({ data }) => {
    for (const hearer of hearers) hearer(data);
    const away_ms = readGoaway(data);
    if (away_ms === null || link !== 'connected') return;
    client.disconnect(); // The SDK would come back when it sees fit; the moment we were given spares everybody a crowd.
    become('moving');
    clearTimeout(moving);
    moving = setTimeout(connectNow, Math.min(away_ms, AWAY_MOST_MS));
  });
  client.on('disconnected', (context) => {
    if (context.code === 0) return; // We asked for it: to move, or for a new nick.
    const now = Date.now();
    if (UNAUTHORIZED.has(context.code) && now - renewedAt > RENEW_PAUSE_MS) {
      renewedAt = now;
      become(wasConnected ? 'lost' : 'connecting');
      renew().then(
        (token) => {
          client.setToken(token);
          connectNow();
        },
        () => {
          // Another tab's identity may have brought us back meanwhile.
          if (client.state === State.Disconnected) become('refused');
        },
      );
      return;
    }
    become('refused');
  });
  watchIdentity(() => {
    const kept = recallIdentity();
    if (!kept || kept.token === identity?.token) return;
    const isOther = kept.viewer !== identity?.viewer || kept.nick !== identity?.nick;
    take(kept);
    client.setToken(kept.token);
    if (isOther && link !== 'moving' && link !== 'refused') rejoin();
  });
  client.connect();

  return {
    link: () => link,
    identity: () => identity,
    watch(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    listen(listener) {
      hearers.add(listener);
      return () => hearers.delete(listener);
    },
    join(channel) {
      const old = client.getSubscription(channel);
      if (old) client.removeSubscription(old);
      return client.newSubscription(channel);
    },
    release(subscription) {
      subscription.removeAllListeners();
      client.removeSubscription(subscription);
    },
    async call(method, data) {
      try {
        return (await client.rpc(method, data)).data;
      } catch (error) {
        const { code = 0, message = '', temporary = false } = error as Partial<CallError>;
        throw new CallError(code, temporary, message);
      }
    },
    async rename(nick) {
      const old = newest();
      adopt(await openSession(old ? { nick, token: old.token } : { nick }));
      rejoin();
    },
    retry() {
      become('connecting');
      connectNow();
    },
  };
}
