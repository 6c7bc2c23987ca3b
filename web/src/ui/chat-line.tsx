import { memo } from 'react';
import type { ChatLine as Chat, PendingLine, ReplyLine, ShowLine } from '../room/state';
import type { Persona } from '../session/wire';
import { mayRetry, refusalWords, words } from '../words/ko';
import './chat-line.css';
import { AiLabel } from './labels';
import { Portrait } from './portrait';
import { nickColour, tint } from './tint';

export const ViewerLine = memo(function ViewerLine(props: {
  line: Chat;
  isMine: boolean;
  isAnswered: boolean;
}) {
  const { line, isMine, isAnswered } = props;
  return (
    <div
      className={`line ${isMine ? 'is-mine' : ''} ${isAnswered ? 'is-answered' : ''}`}
      data-testid="chat-line"
      data-offset={line.offset}
      data-status="sent"
    >
      <span className="line-nick" style={nickColour(line.viewer)}>
        {line.nick}
        {isMine && <i>{words.you}</i>}
      </span>
      <span className="line-text">{line.text}</span>
      {isAnswered && <span className="line-mark">{words.beingAnswered}</span>}
    </div>
  );
});

interface OwnLineProps {
  readonly line: PendingLine;
  readonly onRetry: (id: string) => void;
  readonly onDiscard: (id: string) => void;
}

/** The viewer's own line before the room has it. */
export const OwnLine = memo(function OwnLine({ line, onRetry, onDiscard }: OwnLineProps) {
  const { status, code } = line;
  return (
    <div className={`line is-mine is-${status}`} data-testid="chat-line" data-status={status}>
      <span className="line-nick" style={nickColour(line.viewer)}>
        {line.nick}
        <i>{words.you}</i>
      </span>
      <span className="line-text">{line.text}</span>
      {(status === 'sending' || status === 'waiting') && (
        <span className="line-state">{status === 'sending' ? words.pending : words.waiting}</span>
      )}
      {status === 'failed' && (
        <span className="line-failure">
          <span>{refusalWords(code ?? 0)}</span>
          {mayRetry(code ?? 0) && (
            <button type="button" onClick={() => onRetry(line.id)} data-testid="line-retry">
              {words.retry}
            </button>
          )}
          <button type="button" onClick={() => onDiscard(line.id)}>
            {words.discard}
          </button>
        </span>
      )}
    </div>
  );
});

const CLOCK = new Intl.DateTimeFormat('ko-KR', { hour: 'numeric', minute: '2-digit' });

/** The only cut that leaves half an answer. After the others the text is whole: an apology. */
const INTERRUPTED = 'interrupted';

interface AnswerProps {
  readonly line: ReplyLine;
  readonly persona: Persona | undefined;
  readonly name: string;
}

/** A whole answer of a persona, with what it answers. */
export const Answer = memo(function Answer({ line, persona, name }: AnswerProps) {
  return (
    <article
      className="answer tint"
      style={tint(persona?.colour)}
      data-testid="chat-reply"
      data-offset={line.offset}
      data-reply={line.reply}
      data-voice={line.voice}
    >
      <header>
        <Portrait persona={persona} name={name} className="answer-portrait" />
        <b>{name}</b>
        <AiLabel isShort />
        {line.voice === 'builtin' && <span className="answer-voice">{words.voiceBuiltin}</span>}
        {line.ts > 0 && <time dateTime={new Date(line.ts).toISOString()}>{CLOCK.format(line.ts)}</time>}
      </header>
      {line.quotes.map((quote) => (
        <p className="answer-quote" key={`${quote.nick}/${quote.text}`}>
          <b>{quote.nick}</b> {quote.text}
        </p>
      ))}
      <p className="answer-text">{line.text}</p>
      {line.cut === INTERRUPTED && <p className="answer-cut">{words.cut}</p>}
    </article>
  );
});

export function ShowMark({ line }: { line: ShowLine }) {
  const said = saidOf(line);
  return said === '' ? (
    <span />
  ) : (
    <p className="show-mark" data-testid="show-mark">
      {said}
    </p>
  );
}

/** Empty: nothing that a viewer needs to know. */
function saidOf({ what, slow_s, was_s }: ShowLine): string {
  switch (what) {
    case 'opened':
      return words.showOpened;
    case 'closed':
      return words.showClosed;
    case 'slow':
      if (slow_s === was_s) return '';
      if (slow_s === 0) return words.slowEnded;
      if (was_s === 0) return words.slowBegan(slow_s);
      return slow_s > was_s ? words.slowLonger(slow_s) : words.slowShorter(slow_s);
    default:
      return '';
  }
}
