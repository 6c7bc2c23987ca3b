import { useState } from 'react';
import type { RoomLink } from '../room/room-link';
import type { RoomState } from '../room/state';
import type { DeskState, StoryDesk } from '../room/story-desk';
import { words } from '../words/ko';
import { Reactions } from './reactions';
import './room-tools.css';
import { StoryDialog } from './story-dialog';

interface RoomToolsProps {
  readonly room: RoomState;
  readonly link: RoomLink | null;
  readonly desk: StoryDesk | null;
  readonly own: DeskState;
  readonly nick: string;
  readonly onHelp: () => void;
}

/** What a viewer can do besides writing: react, and tell a story. */
export function RoomTools({ room, link, desk, own, nick, onHelp }: RoomToolsProps) {
  const [isOpen, setOpen] = useState(false);
  const isOver = room.show === 'over';
  const help = () => {
    setOpen(false);
    onHelp();
  };
  return (
    <div className="room-tools">
      <Reactions
        counts={room.reactions}
        isOpen={!isOver && link !== null}
        onReact={(kind) => link?.react(kind) ?? false}
      />
      <button
        type="button"
        className={`story-button ${own.waiting ? 'is-waiting' : ''}`}
        disabled={desk === null || (isOver && own.waiting === null)}
        title={room.storiesWaiting > 0 ? words.storiesWaiting(room.storiesWaiting) : undefined}
        onClick={() => setOpen(true)}
        data-testid="story-open"
      >
        <Envelope />
        {own.waiting ? words.storyMine(own.waiting.place) : words.storyTell}
      </button>
      {isOpen && desk && (
        <StoryDialog desk={desk} own={own} nick={nick} onClose={() => setOpen(false)} onHelp={help} />
      )}
    </div>
  );
}

function Envelope() {
  return (
    <svg viewBox="0 0 20 20" width="18" height="18" aria-hidden="true">
      <path
        d="M2.5 5.5h15v10h-15zM3 6l7 5.5L17 6"
        fill="none"
        stroke="currentColor"
        strokeWidth="1.7"
        strokeLinejoin="round"
      />
    </svg>
  );
}
