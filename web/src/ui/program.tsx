import { useState } from 'react';
import type { RoomLink } from '../room/room-link';
import { pinnedNow, storyNow } from '../room/show';
import type { RoomState } from '../room/state';
import type { DeskState, StoryDesk } from '../room/story-desk';
import { words } from '../words/ko';
import { PollCard } from './poll-card';
import './program.css';
import { StoryCard } from './story-card';

interface ProgramProps {
  readonly room: RoomState;
  readonly link: RoomLink | null;
  readonly desk: StoryDesk | null;
  readonly own: DeskState;
}

/** What is going on besides the talk: the open story, the poll, the pinned words. */
export function Program({ room, link, desk, own }: ProgramProps) {
  const [seenResult, setSeenResult] = useState('');
  const { poll, vote } = room;
  const story = storyNow(room);
  const pinned = pinnedNow(room);
  const isPollShown = poll !== null && (poll.isOpen || poll.poll !== seenResult);
  const isMine = own.opened !== null;
  if (story === null && pinned === null && !isPollShown && !isMine) return null;
  return (
    <section className="program" aria-label={words.programLabel} data-testid="program">
      {own.opened !== null && <Opened story={own.opened} desk={desk} isBusy={own.isWithdrawing} />}
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
      {story !== null && (
        <StoryCard
          key={story.story}
          story={story}
          isMine={own.opened === story.story}
          isAside={poll?.isOpen === true}
        />
      )}
    </section>
  );
}

/** For the teller alone: this is the moment. */
function Opened({ story, desk, isBusy }: { story: string; desk: StoryDesk | null; isBusy: boolean }) {
  return (
    <div className="story-opened" role="alert" data-testid="story-opened">
      <b>{words.storyOpened}</b>
      <button type="button" disabled={isBusy} onClick={() => void desk?.withdraw(story)}>
        {words.storyWithdraw}
      </button>
      <button type="button" onClick={() => desk?.dismiss()}>
        {words.storyOpenedOk}
      </button>
    </div>
  );
}
