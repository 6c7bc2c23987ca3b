import { memo } from 'react';
import { sharesOf, winnersOf } from '../room/show';
import type {
  ChatLine as Chat,
  DonationLine,
  PendingLine,
  ReplyLine,
  ShowLine,
  StoryLine,
} from '../room/state';
import type { Persona } from '../session/shapes';
import { mayRetry, refusalWords, words } from '../words/ko';
import './chat-line.css';
import { AiLabel } from './labels';
import { Portrait } from './portrait';
import { Reasons } from './reasons';
import { nickColour, tint } from './tint';
import { WithdrawButton } from './withdraw-button';

/** Whether a line is being answered: itself, or along with one that says the same. */
export type Answering = 'chosen' | 'alike' | null;

interface ViewerLineProps {
  readonly line: Chat | DonationLine;
  readonly isMine: boolean;
  readonly answering: Answering;
}

export const ViewerLine = memo(function ViewerLine({ line, isMine, answering }: ViewerLineProps) {
  const marks = [
    isMine ? 'is-mine' : '',
    answering === null ? '' : `is-answered is-${answering}`,
    line.kind === 'donation' ? 'is-donation' : '',
  ];
  return (
    <div
      className={`line ${marks.join(' ')}`}
      data-testid={line.kind === 'chat' ? 'chat-line' : 'donation-line'}
      data-offset={line.offset}
      data-status="sent"
      data-answering={answering ?? undefined}
    >
      {line.kind === 'donation' && (
        <span className="line-sum">{words.donated(words.money(line.amount, line.currency))}</span>
      )}
      <span className="line-nick" style={nickColour(line.viewer)}>
        {line.nick}
        {isMine && <i>{words.you}</i>}
      </span>
      {line.withdrawn === null ? (
        <span className="line-text">{line.text}</span>
      ) : (
        <Withdrawn by={line.withdrawn} />
      )}
      {answering !== null && (
        <span className="line-mark">
          {answering === 'chosen' ? words.beingAnswered : words.answeredAlike}
        </span>
      )}
    </div>
  );
});

/** Stands where words stood that were taken back. */
function Withdrawn({ by }: { by: string }) {
  return (
    <em className="line-withdrawn" data-testid="withdrawn">
      {words.withdrawn[by] ?? words.withdrawnBySomebody}
    </em>
  );
}

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

interface AnswerProps {
  readonly line: ReplyLine;
  readonly persona: Persona | undefined;
  readonly name: string;
}

/** A whole answer of a persona, with what it answers. */
export const Answer = memo(function Answer({ line, persona, name }: AnswerProps) {
  // Only these leave half an answer. After other cuts the text is whole: an apology.
  const cut = line.withdrawn === null ? words.cuts[line.cut ?? ''] : undefined;
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
        <TurnLabel kind={line.turnKind} />
        {line.voice === 'builtin' && <span className="answer-voice">{words.voiceBuiltin}</span>}
        {line.ts > 0 && <time dateTime={new Date(line.ts).toISOString()}>{CLOCK.format(line.ts)}</time>}
      </header>
      {line.quotes.map((quote) => (
        <div className="answer-quote" key={quote.of}>
          <p>
            <b>{quote.kind === 'story' ? words.storyKind : quote.nick}</b> {quote.text}
          </p>
          <Reasons reason={line.reasons.find(({ of }) => of === quote.of)} />
        </div>
      ))}
      <p className="answer-text">{line.withdrawn === null ? line.text : <Withdrawn by={line.withdrawn} />}</p>
      {cut !== undefined && <p className="answer-cut">{cut}</p>}
    </article>
  );
});

/** What an answer is for, when that is more than an answer to the chat. */
export function TurnLabel({ kind }: { kind: string }) {
  const label = words.turnLabels[kind];
  if (label === undefined) return null;
  return (
    <span
      className="label turn-label"
      title={words.turnLabelHints[kind]}
      data-testid="turn-label"
      data-kind={kind}
    >
      {label}
    </span>
  );
}

interface StoryMarkProps {
  readonly line: StoryLine;
  /** null: it is somebody else's. */
  readonly onWithdraw: (() => void) | null;
}

/** A story, where in the log it came on air. Its words stand in the card while it is open. */
export function StoryMark({ line, onWithdraw }: StoryMarkProps) {
  return (
    <div className="story-mark" data-testid="story-line" data-offset={line.offset}>
      {line.withdrawn === null ? (
        <details>
          <summary>
            <span className="label turn-label">{words.storyKind}</span>
            <b>{line.title}</b>
            <span>{words.storyTeller(line.nick)}</span>
          </summary>
          <p>{line.text}</p>
          {onWithdraw && <WithdrawButton onWithdraw={onWithdraw} />}
        </details>
      ) : (
        <Withdrawn by={line.withdrawn} />
      )}
    </div>
  );
}

export function ShowMark({ line, nameOf }: { line: ShowLine; nameOf: (persona: string) => string }) {
  const said = saidOf(line, nameOf);
  return said === '' ? (
    <span />
  ) : (
    <p className={`show-mark is-${line.what}`} data-testid="show-mark" data-what={line.what}>
      {said}
    </p>
  );
}

/** Empty: nothing that a viewer needs to know. */
function saidOf(line: ShowLine, nameOf: (persona: string) => string): string {
  switch (line.what) {
    case 'opened':
      return words.showOpened;
    case 'closed':
      return words.showClosed;
    case 'slow': {
      const { slow_s, was_s } = line;
      if (slow_s === was_s) return '';
      if (slow_s === 0) return words.slowEnded;
      if (was_s === 0) return words.slowBegan(slow_s);
      return slow_s > was_s ? words.slowLonger(slow_s) : words.slowShorter(slow_s);
    }
    case 'phase':
      return line.was === 'break' && line.phase !== 'closing'
        ? words.breakOver
        : (words.phaseBegan[line.phase] ?? '');
    case 'entered':
      return words.entered(nameOf(line.persona));
    case 'left':
      return words.left(nameOf(line.persona));
    case 'notice':
      return words.notice;
    case 'pinned':
      return line.pinned.text === '' ? '' : words.pinnedLine(line.pinned.text);
    case 'poll_opened':
      return words.pollBegan(line.poll.question);
    case 'poll_closed': {
      const winners = winnersOf(line.poll);
      const [first = 0] = winners;
      const names = winners.map((choice) => line.poll.options[choice] ?? '');
      if (winners.length === 0) return words.pollEndedEmpty;
      if (winners.length > 1) return words.pollEndedDraw(names.join(', '));
      return words.pollEnded(names[0] ?? '', sharesOf(line.poll).percents[first] ?? 0);
    }
    default:
      return '';
  }
}
