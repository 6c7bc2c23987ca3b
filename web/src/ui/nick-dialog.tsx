import { type FormEvent, useId, useState } from 'react';
import { codePoints } from '../room/text';
import type { Connection } from '../session/connection';
import { words } from '../words/ko';
import { Dialog } from './dialog';
import './nick-dialog.css';

const NICK_MAX = 20;

interface NickDialogProps {
  readonly connection: Connection;
  readonly nick: string;
  readonly onClose: () => void;
}

export function NickDialog({ connection, nick, onClose }: NickDialogProps) {
  const [wish, setWish] = useState(nick);
  const [complaint, setComplaint] = useState('');
  const [isBusy, setBusy] = useState(false);
  const title = useId();
  const note = useId();

  async function save(event: FormEvent) {
    event.preventDefault();
    const name = wish.trim().normalize('NFC');
    const length = codePoints(name);
    if (length < 1 || length > NICK_MAX) return setComplaint(words.nickBad);
    if (name === nick) return onClose();
    setBusy(true);
    try {
      await connection.rename(name);
      onClose();
    } catch {
      setComplaint(words.nickFailed);
      setBusy(false);
    }
  }

  return (
    <Dialog labelledBy={title} onClose={onClose} className="nick-dialog">
      <form onSubmit={save}>
        <h2 id={title}>{words.nickTitle}</h2>
        <p id={note} className="dialog-lead">
          {words.nickHint}
        </p>
        <label>
          <span className="sr-only">{words.nickLabel}</span>
          <input
            className="dialog-input"
            value={wish}
            onChange={(event) => setWish(event.target.value)}
            onFocus={(event) => event.target.select()}
            aria-describedby={note}
            aria-invalid={complaint !== ''}
            autoComplete="nickname"
            enterKeyHint="done"
            data-testid="nick-input"
          />
        </label>
        <p role="alert" className="dialog-complaint">
          {complaint}
        </p>
        <div className="dialog-actions">
          <button type="button" className="button button-quiet" onClick={onClose}>
            {words.nickCancel}
          </button>
          <button type="submit" className="button" disabled={isBusy} data-testid="nick-save">
            {words.nickSave}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
