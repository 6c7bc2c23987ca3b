import { useId, useState } from 'react';
import { words } from '../words/ko';
import './labels.css';

/** Says that this is an AI. It stands wherever a persona speaks, always. */
export function AiLabel({ isShort = false }: { isShort?: boolean }) {
  return (
    <span className="label label-ai" title={words.aiLabelHint} data-testid={isShort ? undefined : 'ai-label'}>
      {isShort ? 'AI' : words.aiLabel}
    </span>
  );
}

/** Says how the answers are made; a press explains it. */
export function VoiceLabel({ voice }: { voice: string }) {
  const [isOpen, setOpen] = useState(false);
  const hint = useId();
  if (voice === '') return null;
  const isBuiltin = voice === 'builtin';
  return (
    <span className="voice-label">
      <button
        type="button"
        className={`label label-voice ${isBuiltin ? 'is-builtin' : ''}`}
        aria-expanded={isOpen}
        aria-controls={hint}
        onClick={() => setOpen(!isOpen)}
        onBlur={() => setOpen(false)}
        data-testid="voice-label"
        data-voice={voice}
      >
        {isBuiltin ? words.voiceBuiltin : words.voiceModel}
        <span aria-hidden="true" className="label-mark">
          ?
        </span>
      </button>
      <span id={hint} role="status" className="voice-hint" hidden={!isOpen}>
        {isOpen && (isBuiltin ? words.voiceBuiltinHint : words.voiceModelHint)}
      </span>
    </span>
  );
}

interface OnAirProps {
  /** scheduled, live or over. */
  readonly show: string;
  /** Where the show stands; empty where that is not known. */
  readonly phase?: string;
  /** When a scheduled show begins; null: nobody says. */
  readonly starts_at_ms?: number | null;
}

export function OnAir({ show, phase = '', starts_at_ms = null }: OnAirProps) {
  const isLive = show === 'live';
  const phaseName = isLive ? words.phases[phase] : undefined;
  const soon = starts_at_ms === null ? words.phases.scheduled : words.startsAt(starts_at_ms);
  const elsewhere = show === 'scheduled' ? soon : words.offAir;
  return (
    <span className={`on-air ${isLive ? 'is-live' : ''}`} data-testid="on-air" data-phase={phase}>
      <span className="on-air-bars" aria-hidden="true">
        <i />
        <i />
        <i />
      </span>
      {isLive ? words.onAir : phase === 'over' ? words.phases.over : elsewhere}
      {phaseName && <span className="on-air-phase">{phaseName}</span>}
    </span>
  );
}

interface ViewerCountProps {
  readonly viewers: number | null;
  readonly isShort?: boolean;
  /** Nothing has ever been said here. */
  readonly isNew?: boolean;
}

export function ViewerCount({ viewers, isShort = false, isNew = false }: ViewerCountProps) {
  if (viewers === null) return isShort ? null : <span className="viewers">{words.watchingUnknown}</span>;
  if (viewers === 0)
    return <span className="viewers">{isNew ? words.watchingFirst : words.watchingNobody}</span>;
  return (
    <span className="viewers" data-testid="viewer-count">
      {isShort ? (
        <>
          <svg viewBox="0 0 16 16" width="14" height="14" aria-hidden="true">
            <path
              d="M8 8.2a3 3 0 1 0 0-6 3 3 0 0 0 0 6Zm-5.5 6c.3-2.9 2.5-4.6 5.5-4.6s5.2 1.7 5.5 4.6"
              fill="none"
              stroke="currentColor"
              strokeWidth="1.6"
              strokeLinecap="round"
            />
          </svg>
          <span aria-hidden="true">{words.watchingShort(viewers)}</span>
          <span className="sr-only">{words.watching(viewers)}</span>
        </>
      ) : (
        words.watching(viewers)
      )}
    </span>
  );
}
