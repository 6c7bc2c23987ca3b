/** Owns who this browser is: viewer, nick and token, kept in localStorage. Knows nothing of the network. */

export interface Identity {
  readonly viewer: string;
  readonly nick: string;
  readonly token: string;
}

const KEY = 'lovelm.identity';

/** The kept identity, or null: none yet, unreadable, or storage is forbidden (private windows). */
export function recallIdentity(): Identity | null {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? 'null') as Partial<Identity> | null;
    if (kept && typeof kept.viewer === 'string' && typeof kept.token === 'string') {
      return { viewer: kept.viewer, nick: kept.nick ?? '', token: kept.token };
    }
  } catch {
    // Unreadable or forbidden storage: this visit is a new guest's.
  }
  return null;
}

export function keepIdentity(identity: Identity | null): void {
  try {
    if (identity) localStorage.setItem(KEY, JSON.stringify(identity));
    else localStorage.removeItem(KEY);
  } catch {
    // Forbidden storage: the identity lives as long as the page.
  }
}

/** Calls back when another tab may have changed the kept identity: at once, or when this page comes back to life. */
export function watchIdentity(listener: () => void): void {
  addEventListener('storage', (event) => {
    if (event.key === KEY) listener();
  });
  addEventListener('pageshow', (event) => {
    if (event.persisted) listener();
  });
}

/** A message id of the client's own: 128 random bits. Also works where the page is no secure context. */
export function newMessageId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return `m_${Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')}`;
}
