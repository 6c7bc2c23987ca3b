import { type MouseEvent, useEffect, useRef, useState } from 'react';
import { useIdentity } from '../hooks/use-connection';
import { useKeyboardRoom } from '../hooks/use-keyboard-room';
import type { Personas } from '../hooks/use-personas';
import { useRoom } from '../hooks/use-room';
import { goTo } from '../hooks/use-route';
import { useStoryDesk } from '../hooks/use-story-desk';
import { storyNow } from '../room/show';
import { mayAt_ms, SLOW_MODE } from '../room/slow-mode';
import type { Connection } from '../session/connection';
import { ChatLog } from '../ui/chat-log';
import { Composer, type ComposerHandle } from '../ui/composer';
import { HelpCard } from '../ui/help-card';
import { OnAir, ViewerCount } from '../ui/labels';
import { LinkBanner } from '../ui/link-banner';
import { NickButton } from '../ui/masthead';
import { MemoryButton } from '../ui/memory-button';
import { Program } from '../ui/program';
import { RoomTools } from '../ui/room-tools';
import { Stage } from '../ui/stage';
import { tint } from '../ui/tint';
import { words } from '../words/ko';
import { LostScreen } from './lost';
import './room.css';

interface RoomScreenProps {
  readonly connection: Connection;
  readonly personas: Personas;
  readonly roomId: string;
}

const HELD_FOR_HELP = 400;

export function RoomScreen({ connection, personas, roomId }: RoomScreenProps) {
  const { link, state: room } = useRoom(connection, roomId);
  const { viewer = '', nick = '' } = useIdentity(connection) ?? {};
  const { desk, story: own } = useStoryDesk(connection, roomId, room);
  const [helpFor, setHelpFor] = useState<string | null>(null);
  const composer = useRef<ComposerHandle>(null);
  useKeyboardRoom();
  useEffect(() => {
    document.title = room.title === '' ? words.brandKo : `${room.title} · ${words.brandKo}`;
  }, [room.title]);

  // A line held for help is taken back from the screen at once; the card takes its place.
  const held = room.pending.find((line) => line.code === HELD_FOR_HELP)?.id;
  useEffect(() => {
    if (held === undefined) return;
    setHelpFor(held);
    link?.discard(held);
  }, [held, link]);

  // Words that came too soon go back to where they were written, unless other words stand there by now.
  const tooSoon = room.pending.find((line) => line.status === 'failed' && line.code === SLOW_MODE);
  useEffect(() => {
    if (tooSoon && composer.current?.giveBack(tooSoon.text)) link?.discard(tooSoon.id);
  }, [tooSoon, link]);

  if (room.visit === 'missing') return <LostScreen title={words.missingTitle} lead={words.missingLead} />;
  if (room.visit === 'shut') return <LostScreen title={words.shutTitle} lead={words.missingLead} />;

  const accent = personas.get(room.turn?.persona || room.personas[0]?.id || '')?.colour;
  const marks = [room.poll?.isOpen ? 'has-poll has-program' : '', storyNow(room) ? 'has-program' : ''];
  const closed = room.show === 'over' ? words.composerOver : null;
  return (
    <div className={`room tint ${marks.join(' ')}`} style={tint(accent)}>
      <header className="room-head">
        <a href="/" className="room-back" onClick={toLobby} data-testid="to-lobby">
          <span className="sr-only">{words.back}</span>
          <svg viewBox="0 0 24 24" width="22" height="22" aria-hidden="true">
            <path
              d="M15 5l-7 7 7 7"
              fill="none"
              stroke="currentColor"
              strokeWidth="2.4"
              strokeLinecap="round"
              strokeLinejoin="round"
            />
          </svg>
        </a>
        <div className="room-title">
          <h1>{room.title || ' '}</h1>
          <p>
            <OnAir show={room.show} phase={room.phase} />
            <ViewerCount viewers={room.viewers} isShort />
          </p>
        </div>
        <MemoryButton connection={connection} personas={personas} />
        <NickButton connection={connection} />
      </header>
      <LinkBanner connection={connection} />
      <main className="room-body">
        <Stage room={room} personas={personas} />
        <section className="room-chat" aria-label={words.chatLabel}>
          <Program room={room} link={link} desk={desk} own={own} />
          <ChatLog
            room={room}
            link={link}
            personas={personas}
            viewer={viewer}
            told={own.told}
            onWithdraw={(story) => void desk?.withdraw(story)}
            onStart={(text) => composer.current?.suggest(text)}
          />
          {helpFor !== null && <HelpCard onClose={() => setHelpFor(null)} />}
          <RoomTools
            room={room}
            link={link}
            desk={desk}
            own={own}
            nick={nick || words.guest}
            onHelp={() => setHelpFor('')}
          />
          <Composer
            ref={composer}
            maxChars={room.maxChars}
            closed={closed}
            slow_s={room.slow_s}
            mayAt_ms={mayAt_ms(room)}
            onSay={(text) => link?.say(text)}
          />
        </section>
      </main>
    </div>
  );
}

function toLobby(event: MouseEvent) {
  if (event.metaKey || event.ctrlKey || event.shiftKey) return;
  event.preventDefault();
  goTo('/');
}
