import { useId, useState } from 'react';
import type { StoryOnAir } from '../room/state';
import { codePoints } from '../room/text';
import { words } from '../words/ko';
import './story-card.css';
import { WithdrawButton } from './withdraw-button';

/** A text longer than this is folded. */
const FOLD_CHARS = 90;

interface StoryCardProps {
  readonly story: StoryOnAir;
  readonly isMine: boolean;
  /** Something else matters more now: only the title, until one asks for more. */
  readonly isAside: boolean;
  readonly onWithdraw: () => void;
}

/** The story that is on air, for everybody to read. */
export function StoryCard({ story, isMine, isAside, onWithdraw }: StoryCardProps) {
  const [isWhole, setWhole] = useState(false);
  const body = useId();
  const isLong = isAside || codePoints(story.text) > FOLD_CHARS;
  return (
    <article
      className={`story-card ${isAside ? 'is-aside' : ''}`}
      data-testid="story-card"
      data-story={story.story}
    >
      <header>
        <span className="label turn-label">{words.storyOnAir}</span>
        <span>{words.stages[story.stage]}</span>
        <span>{words.storyTeller(story.nick)}</span>
        {isMine && <span className="story-card-mine">{words.you}</span>}
        {story.isPanel && <span className="story-card-panel">{words.storyTogether}</span>}
      </header>
      <h2>{story.title}</h2>
      <p
        id={body}
        hidden={isAside && !isWhole}
        className={isLong && !isWhole ? 'is-folded' : ''}
        tabIndex={isLong && isWhole ? 0 : undefined}
      >
        {story.text}
      </p>
      <div className="story-card-actions">
        {isLong && (
          <button
            type="button"
            className="story-card-more"
            aria-expanded={isWhole}
            aria-controls={body}
            onClick={() => setWhole(!isWhole)}
            data-testid="story-more"
          >
            {isWhole ? words.showLess : words.showMore}
          </button>
        )}
        {isMine && <WithdrawButton onWithdraw={onWithdraw} />}
      </div>
    </article>
  );
}
