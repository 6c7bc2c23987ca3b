import { memo } from 'react';
import { useCaption } from '../hooks/use-caption';
import { STILL, useMedia } from '../hooks/use-media';
import type { Personas } from '../hooks/use-personas';
import { useRestingFace } from '../hooks/use-resting-face';
import { lineAt } from '../room/reduce';
import type { ChatLine, Line, RoomState, Turn } from '../room/state';
import { signalAt } from '../room/text';
import { words } from '../words/ko';
import { Caption } from './caption';
import { AiLabel, VoiceLabel } from './labels';
import { Portrait } from './portrait';
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
          <h2>{name}</h2>
          <p>
            <span className="stage-role">{speaker?.role}</span>
            <span className="stage-mood">{words[mood]}</span>
          </p>
        </div>
      </div>
      {isPanel && <Cast room={room} personas={personas} speakerId={turn ? speakerId : ''} />}
      <Answering turn={turn} lines={room.lines} isDone={mood === 'listening'} />
      <Caption turn={turn} shown={shown} rest={speaker?.tagline ?? ''} isHeld={mood === 'listening'} />
    </section>
  );
}

const Cast = memo(function Cast({ room, personas, speakerId }: StageProps & { speakerId: string }) {
  return (
    <ul className="cast">
      {room.personas.map((ref) => (
        <li
          key={ref.id}
          className={`tint ${ref.id === speakerId ? 'is-speaking' : ''}`}
          style={tint(personas.get(ref.id)?.colour)}
        >
          <Portrait persona={personas.get(ref.id)} name={ref.name} className="cast-portrait" />
          <span>{ref.name}</span>
        </li>
      ))}
    </ul>
  );
});

interface AnsweringProps {
  readonly turn: Turn | null;
  readonly lines: RoomState['lines'];
  readonly isDone: boolean;
}

/** The lines being answered, and the visible reason why these. It keeps its height, so that nothing below jumps. */
const Answering = memo(function Answering({ turn, lines, isDone }: AnsweringProps) {
  const answered = (turn?.answers ?? []).map((offset) => lineAt(lines, offset)).filter(isChat);
  if (turn === null || answered.length === 0) {
    return <p className="answering is-empty">{words.nobodyAsked}</p>;
  }
  const why = words.why[turn.why];
  return (
    <div className="answering" data-testid="answering">
      <p className="answering-title">
        {isDone ? words.answeredJustNow : words.answering}
        {why && <span className="answering-why">{why}</span>}
        {answered.length > 1 && (
          <span className="answering-others">{words.andOthers(answered.length - 1)}</span>
        )}
      </p>
      <ul>
        {answered.map((line) => (
          <li key={line.key}>
            <b>{line.nick}</b>
            <span>{line.text}</span>
          </li>
        ))}
      </ul>
    </div>
  );
});

const isChat = (line: Line | null): line is ChatLine => line?.kind === 'chat';
