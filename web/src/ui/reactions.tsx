import { useBursts } from '../hooks/use-bursts';
import { REACTIONS, type Reaction } from '../room/reactions';
import type { RoomState } from '../room/state';
import { words } from '../words/ko';
import { ReactionFace } from './reaction-face';
import './reactions.css';

interface ReactionsProps {
  readonly counts: RoomState['reactions'];
  readonly isOpen: boolean;
  /** False: too soon after the last one. */
  readonly onReact: (kind: Reaction) => boolean;
}

/** Six ways to answer without words, and what the room sends of them, floating up. */
export function Reactions({ counts, isOpen, onReact }: ReactionsProps) {
  const { floats, own } = useBursts(counts);
  return (
    <fieldset className="reactions" aria-label={words.reactLabel} data-testid="reactions">
      {REACTIONS.map((kind) => {
        const fresh = floats.filter((float) => float.kind === kind);
        const count = fresh.reduce((sum, float) => sum + float.count, 0);
        return (
          <button
            key={kind}
            type="button"
            disabled={!isOpen}
            aria-label={words.reactions[kind]}
            title={words.reactions[kind]}
            onClick={() => onReact(kind) && own(kind)}
            data-testid={`react-${kind}`}
          >
            <ReactionFace kind={kind} />
            {count > 0 && (
              <span className="reaction-count" aria-hidden="true">
                +{count}
              </span>
            )}
          </button>
        );
      })}
      <div className="reaction-floats" aria-hidden="true">
        {floats.map((float) => (
          <span
            key={float.id}
            className="reaction-float"
            style={{ left: `${float.place * 100}%`, animationDelay: `${float.delay_ms}ms` }}
            data-testid="reaction-float"
          >
            <ReactionFace kind={float.kind} />
            {float.count > 1 && <b>{float.count}</b>}
          </span>
        ))}
      </div>
    </fieldset>
  );
}
