import { useState } from 'react';
import { useIdentity } from '../hooks/use-connection';
import type { Connection } from '../session/connection';
import { words } from '../words/ko';
import './masthead.css';
import { NickDialog } from './nick-dialog';

/** Who the viewer is, and the way to another nick. */
export function NickButton({ connection }: { connection: Connection }) {
  const identity = useIdentity(connection);
  const [isOpen, setOpen] = useState(false);
  const nick = identity?.nick || words.guest;
  return (
    <>
      <button
        type="button"
        className="nick-button"
        onClick={() => setOpen(true)}
        aria-label={words.nickChange(nick)}
        data-testid="nick"
      >
        <span className="nick-button-name">{nick}</span>
        <svg viewBox="0 0 16 16" width="14" height="14" aria-hidden="true">
          <path
            d="M3 13l.7-3L10.5 3.2a1.3 1.3 0 0 1 1.9 0l.4.4a1.3 1.3 0 0 1 0 1.9L6 12.3 3 13Z"
            fill="none"
            stroke="currentColor"
            strokeWidth="1.5"
            strokeLinejoin="round"
          />
        </svg>
      </button>
      {isOpen && (
        <NickDialog connection={connection} nick={identity?.nick ?? ''} onClose={() => setOpen(false)} />
      )}
    </>
  );
}

export function Masthead({ connection }: { connection: Connection }) {
  return (
    <header className="masthead">
      <div className="brand">
        <img src="/favicon.svg" alt="" width="36" height="36" />
        <span>
          <strong>{words.brandKo}</strong>
          <small lang="en">{words.brand}</small>
        </span>
      </div>
      <NickButton connection={connection} />
    </header>
  );
}
