import type { Reason } from '../session/shapes';
import { words } from '../words/ko';
import './reasons.css';

/** Why a line was chosen, for everybody to see. */
export function Reasons({ reason }: { reason: Reason | undefined }) {
  const pieces = reason ? words.reasonOf(reason) : [];
  if (reason === undefined || pieces.length === 0) return null;
  return (
    <span className={`reasons is-${reason.why}`} data-testid="reasons">
      {pieces.map((piece) => (
        <span key={piece}>{piece}</span>
      ))}
    </span>
  );
}
