import { useState } from 'react';
import type { Personas } from '../hooks/use-personas';
import type { Connection } from '../session/connection';
import { words } from '../words/ko';
import './memory-button.css';
import { MemoryDialog } from './memory-dialog';

interface MemoryButtonProps {
  readonly connection: Connection;
  readonly personas: Personas;
}

/** The way to what the personas remember of the viewer. */
export function MemoryButton({ connection, personas }: MemoryButtonProps) {
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <button
        type="button"
        className="memory-button"
        aria-label={words.memoryOpen}
        title={words.memoryOpen}
        onClick={() => setOpen(true)}
        data-testid="memory-open"
      >
        <svg viewBox="0 0 20 20" width="20" height="20" aria-hidden="true">
          <path
            d="M5 2.8h10v14.4l-5-3.6-5 3.6zM10 10.6C8.2 9.4 7.2 8.5 7.2 7.3a1.5 1.5 0 0 1 2.8-.8 1.5 1.5 0 0 1 2.8.8c0 1.2-1 2.1-2.8 3.3Z"
            fill="none"
            stroke="currentColor"
            strokeWidth="1.5"
            strokeLinejoin="round"
          />
        </svg>
      </button>
      {isOpen && <MemoryDialog connection={connection} personas={personas} onClose={() => setOpen(false)} />}
    </>
  );
}
