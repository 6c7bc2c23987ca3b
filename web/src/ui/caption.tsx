import { useMemo } from 'react';
import type { Turn } from '../room/state';
import { finishedSentences, firstCodePoints, sentences } from '../room/text';
import { words } from '../words/ko';
import './caption.css';

interface CaptionProps {
  readonly turn: Turn | null;
  /** Code points shown. */
  readonly shown: number;
  /** What stands here before anything was said. */
  readonly rest: string;
  readonly isHeld: boolean;
}

/**
 * The words as they are spoken: the sentence of this moment bright, the earlier ones dim. To a screen reader it
 * tells whole sentences only, from a region of its own.
 */
export function Caption({ turn, shown, rest, isHeld }: CaptionProps) {
  const text = turn ? firstCodePoints(turn.text, shown) : '';
  const parts = useMemo(() => sentences(text), [text]);
  const isWhole = turn?.isOver === true && shown >= turn.length;
  // The rest of the word being spoken takes its place unseen, so that no half word jumps to the next line.
  const tail = turn && text !== '' && !isWhole ? (/^\S+/u.exec(turn.text.slice(text.length))?.[0] ?? '') : '';
  const told = useMemo(() => finishedSentences(text, isWhole), [text, isWhole]);
  return (
    <div className={`caption ${isHeld ? 'is-held' : ''}`}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard. */}
      <section className="caption-scroll" aria-label={words.captionLabel} tabIndex={0}>
        <p className="caption-text" data-testid="caption" data-reply={turn?.reply ?? ''} data-over={isWhole}>
          {parts.map((part, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a sentence is its place; the text only grows.
            <span key={`${turn?.reply}/${index}`} className={index === parts.length - 1 ? 'is-now' : ''}>
              {part}
            </span>
          ))}
          {tail !== '' && (
            <span className="caption-tail" aria-hidden="true">
              {tail}
            </span>
          )}
          {text === '' && turn !== null && !turn.isOver && (
            <span className="caption-dots" aria-hidden="true">
              <i />
              <i />
              <i />
            </span>
          )}
        </p>
        {turn === null && <p className="caption-rest">{rest}</p>}
      </section>
      <div className="sr-only" aria-live="polite">
        {told.map((sentence, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a sentence is its place; the text only grows.
          <p key={`${turn?.reply}/${index}`}>{sentence}</p>
        ))}
      </div>
    </div>
  );
}
