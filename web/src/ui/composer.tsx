import {
  type FormEvent,
  type KeyboardEvent,
  type Ref,
  useId,
  useImperativeHandle,
  useLayoutEffect,
  useRef,
  useState,
} from 'react';
import { useCountdown } from '../hooks/use-countdown';
import { codePoints, wellFormed } from '../room/text';
import { words } from '../words/ko';
import './composer.css';

/** What others may do to the composer: put words into it, for the viewer to send or change. */
export interface ComposerHandle {
  suggest(text: string): void;
  /** Gives words back that were not taken. False: the viewer is writing something else already. */
  giveBack(text: string): boolean;
}

interface ComposerProps {
  readonly ref?: Ref<ComposerHandle>;
  readonly maxChars: number;
  /** Why nothing can be said now; null when it can. */
  readonly closed: string | null;
  /** Slow mode: seconds between two lines; 0: off. */
  readonly slow_s: number;
  /** From when on the next line may be sent, by the page's clock. */
  readonly mayAt_ms: number;
  readonly onSay: (text: string) => void;
}

/** From this share of the limit on the counter is worth a look. */
const COUNTER_SHARE = 0.6;

/** Where a viewer writes. Enter sends, Shift+Enter breaks the line; a syllable being composed is never sent half. */
export function Composer({ ref, maxChars, closed, slow_s, mayAt_ms, onSay }: ComposerProps) {
  const [text, setText] = useState('');
  const field = useRef<HTMLTextAreaElement>(null);
  const counter = useId();
  const trimmed = text.trim();
  const used = codePoints(trimmed);
  const isTooLong = used > maxChars;
  const left_s = useCountdown(mayAt_ms);
  const maySend = used > 0 && !isTooLong && closed === null && left_s === 0;
  const isCounting = left_s > 0 && left_s !== Infinity && closed === null;

  // biome-ignore lint/correctness/useExhaustiveDependencies: the height follows the text.
  useLayoutEffect(() => {
    const box = field.current;
    if (!box) return;
    box.style.height = 'auto';
    box.style.height = `${box.scrollHeight}px`;
  }, [text]);

  useImperativeHandle(ref, () => ({
    suggest(suggestion) {
      setText(suggestion);
      field.current?.focus();
    },
    giveBack(words) {
      if (text !== '') return false;
      setText(words);
      return true;
    },
  }));

  function send(event?: FormEvent) {
    event?.preventDefault();
    field.current?.focus();
    if (!maySend || performance.now() < mayAt_ms) return;
    onSay(wellFormed(trimmed).normalize('NFC'));
    setText('');
  }

  function onKeyDown(event: KeyboardEvent) {
    // Safari ends the composition before it tells of the Enter that ended it; that one has key code 229.
    const isComposing = event.nativeEvent.isComposing || event.keyCode === 229;
    if (event.key !== 'Enter' || event.shiftKey || isComposing) return;
    event.preventDefault();
    send();
  }

  return (
    <form className="composer" onSubmit={send}>
      <p className="composer-slow" data-testid="slow-mode">
        {/* The seconds go by in silence: a screen reader is told the rule, and when the wait is over. */}
        <span role="status">{slow_s > 0 && closed === null ? words.slowRule(slow_s) : ''}</span>
        {isCounting && <b aria-hidden="true">{words.slowLeft(left_s)}</b>}
      </p>
      <div className={`composer-field ${isTooLong ? 'is-too-long' : ''}`}>
        <textarea
          ref={field}
          rows={1}
          value={text}
          onChange={(event) => setText(event.target.value)}
          onKeyDown={onKeyDown}
          readOnly={closed !== null}
          placeholder={closed ?? words.composerHint}
          aria-label={words.composerLabel}
          aria-describedby={counter}
          aria-invalid={isTooLong}
          enterKeyHint="send"
          autoComplete="off"
          data-testid="composer-input"
        />
        <span
          id={counter}
          className={`composer-counter ${used >= maxChars * COUNTER_SHARE ? 'is-shown' : ''}`}
          data-testid="composer-counter"
        >
          {words.counter(used, maxChars)}
        </span>
      </div>
      <button
        type="submit"
        className="composer-send"
        disabled={!maySend}
        aria-label={isCounting ? words.sendIn(left_s) : words.send}
        data-testid="send"
      >
        {isCounting ? <b aria-hidden="true">{left_s}</b> : <SendArrow />}
      </button>
      <WaitOver isCounting={isCounting} />
      <p className="composer-note" role="alert">
        {isTooLong ? words.tooLong(maxChars) : ''}
      </p>
    </form>
  );
}

/** Tells who cannot see the seconds that they are over. */
function WaitOver({ isCounting }: { isCounting: boolean }) {
  const [hasWaited, setHasWaited] = useState(false);
  if (isCounting && !hasWaited) setHasWaited(true);
  return (
    <span className="sr-only" role="status">
      {hasWaited && !isCounting ? words.slowOver : ''}
    </span>
  );
}

function SendArrow() {
  return (
    <svg viewBox="0 0 24 24" width="22" height="22" aria-hidden="true">
      <path
        d="M12 19.5V5M5.5 11.5 12 5l6.5 6.5"
        fill="none"
        stroke="currentColor"
        strokeWidth="2.6"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </svg>
  );
}
