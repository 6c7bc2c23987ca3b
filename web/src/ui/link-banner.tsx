import { useEffect, useState } from 'react';
import { useLink } from '../hooks/use-connection';
import type { Connection } from '../session/connection';
import { words } from '../words/ko';
import './link-banner.css';

/** A short break heals itself; only a longer one is worth a word. */
const PATIENCE_MS = 800;

/** The state of the connection: always there for assistive technology, in sight only when it is not well. */
export function LinkBanner({ connection }: { connection: Connection }) {
  const link = useLink(connection);
  const isWell = link === 'connected' || link === 'moving';
  const [isShown, setShown] = useState(false);
  useEffect(() => {
    if (isWell) return setShown(false);
    const timer = setTimeout(() => setShown(true), PATIENCE_MS);
    return () => clearTimeout(timer);
  }, [isWell]);
  return (
    <div
      className={`link-banner ${isShown ? 'is-shown' : ''}`}
      role="status"
      data-testid="connection-state"
      data-state={link}
    >
      {isShown && <span className="link-dot" aria-hidden="true" />}
      <span className={isShown ? '' : 'sr-only'}>{isShown || isWell ? words[link] : ''}</span>
      {link === 'refused' && (
        <button type="button" onClick={() => connection.retry()}>
          {words.reconnect}
        </button>
      )}
    </div>
  );
}
