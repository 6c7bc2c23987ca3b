import { useState } from 'react';
import { words } from '../words/ko';
import './withdraw-button.css';

/** The way back for a teller; asked twice, for there is no way forth again. */
export function WithdrawButton({ onWithdraw }: { onWithdraw: () => void }) {
  const [isSure, setSure] = useState(false);
  return (
    <button
      type="button"
      className={`withdraw ${isSure ? 'is-sure' : ''}`}
      onClick={() => (isSure ? onWithdraw() : setSure(true))}
      onBlur={() => setSure(false)}
      data-testid="story-take-back"
    >
      {isSure ? words.storyWithdrawSure : words.storyWithdraw}
    </button>
  );
}
