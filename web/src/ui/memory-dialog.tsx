import { useId, useState } from 'react';
import { type MemoryBook, useMemories } from '../hooks/use-memories';
import type { Personas } from '../hooks/use-personas';
import type { Connection } from '../session/connection';
import type { Memory } from '../session/shapes';
import { words } from '../words/ko';
import { Dialog } from './dialog';
import './memory-dialog.css';
import { Toggle } from './toggle';

const DAY_MS = 86_400_000;
const DATE = new Intl.DateTimeFormat('ko-KR', { month: 'long', day: 'numeric' });

interface MemoryDialogProps {
  readonly connection: Connection;
  readonly personas: Personas;
  readonly onClose: () => void;
}

/** What the personas may remember of the viewer, and do; all of it can be taken back. */
export function MemoryDialog({ connection, personas, onClose }: MemoryDialogProps) {
  const title = useId();
  const memory = useMemories(connection);
  const { book, isBusy, trouble } = memory;
  return (
    <Dialog labelledBy={title} onClose={onClose} className="memory-dialog" testId="memory-dialog">
      <h2 id={title}>{words.memoryTitle}</h2>
      <p className="dialog-lead">{words.memoryLead}</p>
      <Toggle
        name={words.memoryConsent}
        hint={words.memoryOffHint}
        isOn={book?.hasConsent ?? false}
        isDisabled={book === null || isBusy}
        onTurn={memory.allow}
        testId="memory-consent"
      />
      <p className="memory-guest">{words.memoryGuest}</p>
      {book === null ? (
        <p className="memory-none" role="status">
          {trouble === null ? words.memoryLoading : words.memoryFailed}
        </p>
      ) : book.memories.length === 0 ? (
        <p className="memory-none" role="status">
          {book.hasConsent ? words.memoryEmpty : words.memoryOff}
        </p>
      ) : (
        <Remembered memories={book.memories} personas={personas} memory={memory} />
      )}
      <p role="alert" className="dialog-complaint">
        {trouble === 'acting' ? words.memoryActFailed : ''}
      </p>
      <div className="dialog-actions">
        <button type="button" className="button button-quiet" onClick={onClose} data-testid="memory-close">
          {words.close}
        </button>
      </div>
    </Dialog>
  );
}

interface RememberedProps {
  readonly memories: readonly Memory[];
  readonly personas: Personas;
  readonly memory: MemoryBook;
}

function Remembered({ memories, personas, memory }: RememberedProps) {
  const [isSure, setSure] = useState(false);
  const heading = useId();
  return (
    <>
      <div className="memory-head">
        <h3 id={heading}>{words.memoryList}</h3>
        <button
          type="button"
          className={isSure ? 'is-sure' : ''}
          disabled={memory.isBusy}
          onClick={() => (isSure ? memory.forget() : setSure(true))}
          data-testid="memory-forget-all"
        >
          {isSure ? words.memoryForgetAllSure : words.memoryForgetAll}
        </button>
      </div>
      <ul className="memories" aria-labelledby={heading}>
        {memories.map((one) => (
          <li key={one.memory} data-testid="memory">
            <div>
              <p className="memory-about">
                <b>{personas.get(one.persona)?.name ?? ''}</b>
                <span>{words.memoryKinds[one.kind]}</span>
                <span>{untilWhen(one)}</span>
              </p>
              <p>{one.text}</p>
            </div>
            <button
              type="button"
              disabled={memory.isBusy}
              aria-label={words.memoryForgetOne(one.text)}
              onClick={() => memory.forget(one.memory)}
              data-testid="memory-forget"
            >
              {words.memoryForget}
            </button>
          </li>
        ))}
      </ul>
    </>
  );
}

function untilWhen({ at_ms, expires_ms }: Memory): string {
  return expires_ms - at_ms <= DAY_MS ? words.memoryTonight : words.memoryUntil(DATE.format(expires_ms));
}
