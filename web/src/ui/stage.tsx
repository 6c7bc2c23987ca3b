import { memo } from 'react';
import { useCaption } from '../hooks/use-caption';
import { STILL, useMedia } from '../hooks/use-media';
import type { Personas } from '../hooks/use-personas';
import { useRestingFace } from '../hooks/use-resting-face';
import { lineAt, quotesOf } from '../room/lines';
import { storyNow } from '../room/show';
import type { Quote, RoomState, Turn } from '../room/state';
import { signalAt } from '../room/text';
import { words } from '../words/ko';
import { Caption } from './caption';
import { TurnLabel } from './chat-line';
import { AiLabel, VoiceLabel } from './labels';
import { Portrait } from './portrait';
import { Reasons } from './reasons';
import './stage.css';
import { tint } from './tint';

interface StageProps {
  readonly room: RoomState;
  readonly personas: Personas;
}

type Mood = 'thinking' | 'speaking' | 'listening';

/** The persona, its face at this moment, its words as they come, and whom it answers. */
export function Stage({ room, personas }: StageProps) {
  const { turn } = room;
  const isStill = useMedia(STILL);
  const shown = useCaption(turn, isStill);
  const isSpeaking = turn !== null && shown < turn.length;
  const mood: Mood =
    turn === null || (turn.isOver && !isSpeaking) ? 'listening' : shown === 0 ? 'thinking' : 'speaking';
  const speakerId = turn?.persona || room.personas[0]?.id || '';
  const speaker = personas.get(speakerId);
  const name = speaker?.name ?? room.personas.find((ref) => ref.id === speakerId)?.name ?? '';
  const spoken = turn ? signalAt(turn.cues, shown) : null;
  const signal = useRestingFace(mood === 'thinking' ? 'think' : (spoken ?? 'neutral'), mood === 'listening');
  const isPanel = room.personas.length > 1;
  const quotes = answeredBy(room);
  // In a break the last answer is no longer what the show is about.
  const isResting = room.phase === 'break' && mood === 'listening';
  const seen = isResting ? null : turn;

  return (
    <section
      className={`stage tint is-${mood} ${isPanel ? 'is-panel' : ''}`}
      style={tint(speaker?.colour)}
      aria-label={words.stageLabel}
    >
      <div className="stage-sky" aria-hidden="true" />
      <div className="stage-labels">
        <AiLabel />
        <VoiceLabel voice={(turn && room.lastVoice) || speaker?.voice || ''} />
      </div>
      <div className="stage-persona">
        <div className="stage-face" data-testid="avatar" data-signal={signal}>
          <span className="stage-ring" aria-hidden="true" />
          <Portrait
            key={speakerId}
            persona={speaker}
            name={name}
            signal={signal}
            isLive
            className="stage-portrait"
          />
        </div>
        <div className="stage-name">
          <h2>
            {name}
            {turn && <TurnLabel kind={turn.kind} />}
          </h2>
          <p>
            <span className="stage-role">{speaker?.role}</span>
            <span className="stage-mood">{words[mood]}</span>
          </p>
        </div>
      </div>
      {isPanel && (
        <Cast
          refs={room.personas}
          onAir={room.onAir}
          personas={personas}
          speakerId={mood === 'listening' ? '' : speakerId}
        />
      )}
      <Answering
        turn={seen}
        quotes={quotes}
        isDone={mood === 'listening'}
        rest={restWords(room) ?? words.nobodyAsked}
      />
      <Caption
        turn={seen}
        shown={shown}
        rest={speaker?.tagline ? `“${speaker.tagline}”` : ''}
        isHeld={mood === 'listening'}
      />
    </section>
  );
}

/** What to say while nobody speaks, when there is a reason for it. */
function restWords({ phase, show }: RoomState): string | null {
  if (phase === 'break') return words.breakRest;
  if (show === 'scheduled') return words.scheduledRest;
  return show === 'over' ? words.overRest : null;
}

/** What the turn answers, as far as it is in sight: the story first, then the lines. */
function answeredBy(room: RoomState): Quote[] {
  const { turn, lines } = room;
  if (turn === null) return [];
  const story = storyNow(room);
  const told: Quote[] =
    story !== null && turn.story === story.story
      ? [{ of: story.offset, kind: 'story', nick: story.nick, text: story.title }]
      : [];
  const answered = turn.answers.flatMap((offset) => {
    const line = lineAt(lines, offset);
    return line ? quotesOf(line) : [];
  });
  return [...told, ...answered.filter(({ kind }) => told.length === 0 || kind !== 'story')];
}

interface CastProps {
  readonly refs: RoomState['personas'];
  readonly onAir: readonly string[];
  readonly personas: Personas;
  readonly speakerId: string;
}

/** Who is on air, and who of them speaks. */
const Cast = memo(function Cast({ refs, onAir, personas, speakerId }: CastProps) {
  return (
    <ul className="cast" aria-label={words.castLabel} data-testid="cast">
      {refs
        .filter(({ id }) => onAir.includes(id))
        .map(({ id, name }) => (
          <li
            key={id}
            className={`tint ${id === speakerId ? 'is-speaking' : ''}`}
            style={tint(personas.get(id)?.colour)}
            aria-current={id === speakerId ? 'true' : undefined}
            data-persona={id}
          >
            <Portrait persona={personas.get(id)} name={name} className="cast-portrait" />
            <span>{name}</span>
          </li>
        ))}
    </ul>
  );
});

interface AnsweringProps {
  readonly turn: Turn | null;
  readonly quotes: readonly Quote[];
  readonly isDone: boolean;
  /** What stands here when nothing is answered. */
  readonly rest: string;
}

/** What is being answered, and for everybody to see why this. It keeps its height, so that nothing below jumps. */
function Answering({ turn, quotes, isDone, rest }: AnsweringProps) {
  const told = turn ? words.turnKinds[turn.kind] : undefined;
  if (turn === null || quotes.length === 0) {
    return (
      <p className="answering is-empty" data-testid="answering-kind">
        {told && !isDone ? told : rest}
      </p>
    );
  }
  return (
    <div
      className={`answering ${quotes.every(({ kind }) => kind === 'story') ? 'is-story' : ''}`}
      data-testid="answering"
    >
      <p className="answering-title">
        {isDone ? words.answeredJustNow : words.answering}
        {quotes.length > 1 && <span className="answering-others">{words.andOthers(quotes.length - 1)}</span>}
      </p>
      <ul>
        {quotes.map((quote) => (
          <li key={quote.of}>
            <p>
              <b>{quote.kind === 'story' ? words.storyKind : quote.nick}</b>
              <span>{quote.text}</span>
            </p>
            <Reasons reason={turn.reasons.find(({ of }) => of === quote.of)} />
          </li>
        ))}
      </ul>
    </div>
  );
}
