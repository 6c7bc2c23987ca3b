import type { Persona } from '../session/shapes';
import './portrait.css';

interface PortraitProps {
  readonly persona: Persona | undefined;
  readonly name: string;
  readonly signal?: string;
  /** Loads every face at once, so that a change of face never waits. */
  readonly isLive?: boolean;
  readonly className?: string;
}

const REST = 'neutral';

/** A persona's face. The picture is decoration beside the name, except live, where the mood is told. */
export function Portrait({ persona, name, signal = REST, isLive = false, className = '' }: PortraitProps) {
  const faces = persona?.faces ?? {};
  const current = faces[signal] ? signal : REST;
  const signals = isLive ? Object.keys(faces) : faces[current] ? [current] : [];
  return (
    <span className={`portrait ${className}`} data-signal={isLive ? current : undefined}>
      {signals.length === 0 && <span className="portrait-initial">{name.slice(0, 1)}</span>}
      {signals.map((face) => (
        <img
          key={face}
          src={faces[face]}
          alt=""
          draggable={false}
          decoding="async"
          className={face === current ? 'portrait-face is-shown' : 'portrait-face'}
        />
      ))}
    </span>
  );
}
