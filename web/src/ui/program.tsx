import { useEffect, useState } from 'react';
import type { RoomLink } from '../room/room-link';
import { pinnedNow, storyNow } from '../room/show';
import type { RoomState } from '../room/state';
import type { DeskState, StoryDesk } from '../room/story-desk';
import { storyRefusalWords, words } from '../words/ko';
import { PollCard } from './poll-card';
import './program.css';
import { StoryCard } from './story-card';

interface ProgramProps {
  readonly room: RoomState;
  readonly link: RoomLink | null;
  readonly desk: StoryDesk | null;
  readonly own: DeskState;
}

/** So long a result stays; after that the log still has it. */
const RESULT_MS = 30_000;

/** What is going on besides the talk: the open story, the poll, the pinned words. */
export function Program({ room, link, desk, own }: ProgramProps) {
  const [seenResult, setSeenResult] = useState('');
  const [seenOpened, setSeenOpened] = useState('');
  const { poll, vote } = room;
  const story = storyNow(room);
  const pinned = pinnedNow(room);
  // The next story takes the place of a result.
  const isPollShown = poll !== null && (poll.isOpen || (poll.poll !== seenResult && story === null));
  const result = isPollShown && !poll.isOpen ? poll.poll : null;
  useEffect(() => {
    if (result === null) return;
    const timer = setTimeout(() => setSeenResult(result), RESULT_MS);
    return () => clearTimeout(timer);
  }, [result]);
  // When viewers vote, the story has been read.
  const isNews = own.opened !== null && own.opened !== seenOpened && !poll?.isOpen;
  const isMine = story !== null && own.told.includes(story.story);
  if (story === null && pinned === null && !isPollShown && !isNews) return null;
  return (
    <section className="program" aria-label={words.programLabel} data-testid="program">
      {isNews && <Opened onSeen={() => setSeenOpened(own.opened ?? '')} />}
      {pinned !== null && (
        <p className="pinned" data-testid="pinned">
          <span className="label turn-label">{words.pinned}</span>
          <span>
            {pinned.nick !== '' && <b>{pinned.nick}</b>} {pinned.text}
          </span>
        </p>
      )}
      {isPollShown && (
        <PollCard
          key={poll.poll}
          poll={poll}
          vote={vote}
          onVote={(choice) => link?.vote(poll.poll, choice)}
          onClose={() => setSeenResult(poll.poll)}
        />
      )}
      {isMine && own.refusal !== null && (
        <p className="dialog-complaint" role="alert">
          {storyRefusalWords(own.refusal)}
        </p>
      )}
      {story !== null && (
        <StoryCard
          key={story.story}
          story={story}
          isMine={isMine}
          onWithdraw={() => void desk?.withdraw(story.story)}
          isAside={poll?.isOpen === true}
        />
      )}
    </section>
  );
}

/** For the teller alone: this is the moment. */
function Opened({ onSeen }: { onSeen: () => void }) {
  return (
    <div className="story-opened" role="alert" data-testid="story-opened">
      <b>{words.storyOpened}</b>
      <button type="button" onClick={onSeen}>
        {words.storyOpenedOk}
      </button>
    </div>
  );
}
