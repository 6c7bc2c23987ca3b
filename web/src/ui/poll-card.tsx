import { useMemo } from 'react';
import { useCountdown } from '../hooks/use-countdown';
import { sharesOf, winnersOf } from '../room/show';
import type { OwnVote, PollSeen } from '../room/state';
import { codePoints } from '../room/text';
import { words } from '../words/ko';
import './poll-card.css';

/** Options of at most so many characters stand two in a row. */
const SHORT_CHARS = 6;

interface PollCardProps {
  readonly poll: PollSeen;
  readonly vote: OwnVote | null;
  readonly onVote: (choice: number) => void;
  /** The viewer has seen the result. */
  readonly onClose: () => void;
}

/** A poll while it is open, with the votes as they come, and its result. */
export function PollCard({ poll, vote, onVote, onClose }: PollCardProps) {
  const { total, percents } = sharesOf(poll);
  const winners = poll.isOpen ? [] : winnersOf(poll);
  const isShort = poll.options.every((option) => codePoints(option) <= SHORT_CHARS);
  return (
    <section
      className={`poll ${poll.isOpen ? 'is-open' : 'is-over'}`}
      aria-label={words.poll}
      data-testid="poll"
    >
      <header>
        <span className="label turn-label">{poll.isOpen ? words.poll : words.pollOver}</span>
        <span className="poll-total">{words.pollVotes(total)}</span>
        {poll.isOpen && poll.closes_ms !== null && <TimeLeft closes_ms={poll.closes_ms} />}
        {!poll.isOpen && (
          <button type="button" className="card-close" onClick={onClose}>
            {words.close}
          </button>
        )}
      </header>
      <h2>{poll.question}</h2>
      <ul className={isShort ? 'is-short' : ''}>
        {poll.options.map((option, choice) => {
          const isMine = vote?.choice === choice && vote.status !== 'failed';
          const isWinner = winners.includes(choice);
          const share = (
            <>
              <i className="poll-bar" style={{ width: `${percents[choice] ?? 0}%` }} aria-hidden="true" />
              <span className="poll-option">
                {option}
                {isWinner && <em>{words.pollWinner}</em>}
                {isMine && <MineMark />}
              </span>
              <b>{percents[choice] ?? 0}%</b>
            </>
          );
          const className = `${isMine ? 'is-mine' : ''} ${isWinner ? 'is-winner' : ''}`;
          return (
            // biome-ignore lint/suspicious/noArrayIndexKey: an option is its place.
            <li key={choice}>
              {poll.isOpen ? (
                <button
                  type="button"
                  className={className}
                  aria-pressed={isMine}
                  onClick={() => onVote(choice)}
                  data-testid={`poll-option-${choice}`}
                >
                  {share}
                </button>
              ) : (
                <div className={className} data-testid={`poll-result-${choice}`}>
                  {share}
                </div>
              )}
            </li>
          );
        })}
      </ul>
      {poll.isOpen && (
        <p className="poll-hint" role="status">
          {vote?.status === 'failed' ? words.pollFailed : vote === null ? words.pollHint : ''}
        </p>
      )}
    </section>
  );
}

function MineMark() {
  return (
    <em className="is-mine" title={words.pollMine}>
      <span className="sr-only">{words.pollMine}</span>
      <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
        <circle cx="8" cy="8" r="7.2" fill="currentColor" />
        <path d="m4.8 8.2 2.2 2.2 4.2-4.6" className="check" />
      </svg>
    </em>
  );
}

/** The server's moment on this page's clock; good to within what the two clocks differ. */
function TimeLeft({ closes_ms }: { closes_ms: number }) {
  const until_ms = useMemo(() => performance.now() + (closes_ms - Date.now()), [closes_ms]);
  const left_s = useCountdown(until_ms);
  return (
    <span className="poll-left" role="timer" data-testid="poll-left">
      {left_s > 0 ? words.pollLeft(left_s) : words.pollSoonOver}
    </span>
  );
}
