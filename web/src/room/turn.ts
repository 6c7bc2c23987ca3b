/** Owns how the answer that is being given changes: begun, spoken piece by piece, whole. Pure. */
import type { Asked, DeltaPush, Floor, ReplyPush } from '../session/shapes';
import type { Turn } from './state';
import { codePoints, spliced } from './text';

const NOTHING_ASKED: Omit<Asked, 'reply'> = {
  persona: '',
  kind: 'answers',
  answers: [],
  why: '',
  reasons: [],
  story: null,
};

export function begun(turn: Turn | null, asked: Asked): Turn {
  const { reply, persona, kind, answers, why, reasons, story } = asked;
  const known = { reply, persona, kind, answers, why, reasons, story };
  if (turn?.reply === reply) return { ...turn, ...known };
  return { ...known, text: '', length: 0, cues: [], heard: 0, isOver: false };
}

/** The next piece. Of another turn than the one known: that one has begun, and `asked` was missed. */
export function spoken(before: Turn | null, push: DeltaPush): Turn {
  const { reply, cue } = push;
  const turn = before?.reply === reply ? before : begun(before, { ...NOTHING_ASKED, reply });
  if (turn.isOver) return turn;
  let { text, length, cues } = turn;
  // A piece with a cue and no text moves no text.
  if (push.text !== '' || cue === null) {
    const isAppended = push.at >= length;
    text = isAppended ? text + push.text : spliced(text, push.at, push.text);
    length = isAppended ? length + codePoints(push.text) : push.at + codePoints(push.text);
    if (!isAppended) cues = cues.filter((known) => known.at <= push.at);
  }
  if (cue && !cues.some((known) => known.at === cue.at && known.signal === cue.signal)) cues = [...cues, cue];
  return { ...turn, text, length, cues, heard: Math.min(turn.heard, length) };
}

/** The whole answer. `asked`: what is known of its beginning. */
export function replied(turn: Turn | null, push: ReplyPush, asked: Asked | null): Turn | null {
  // An answer older than the one being given (a recovered one) changes nothing on the stage.
  if (turn && turn.reply !== push.reply && !turn.isOver) return turn;
  const { reply, persona, kind, text, cues } = push;
  const length = codePoints(text);
  const isSame = turn?.reply === reply;
  return {
    ...(isSame ? turn : begun(null, asked ?? { ...NOTHING_ASKED, reply })),
    ...{ reply, persona, kind, text, length, cues },
    // An answer that was never streamed here was heard elsewhere: it is shown whole.
    heard: isSame ? Math.min(turn.heard, length) : length,
    isOver: true,
  };
}

/** Who speaks according to a snapshot. It is the newest word, so it wins. */
export function told(turn: Turn | null, floor: Floor | null): Turn | null {
  if (floor === null) return turn && !turn.isOver ? { ...turn, isOver: true } : turn;
  const length = codePoints(floor.text);
  const isSame = turn?.reply === floor.reply;
  return { ...floor, length, heard: isSame ? turn.heard : length, isOver: false };
}
