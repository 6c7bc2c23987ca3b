/** Owns how a room changes by an event. Pure: no clock, no socket; every event may come twice or late. */
import type { AskedPush, DeltaPush, Durable, Floor, ReplyPush } from '../session/wire';
import { heldUntil_ms, SLOW_MODE } from './slow-mode';
import type { Line, PendingLine, ReplyLine, RoomEvent, RoomState, Turn } from './state';
import { codePoints, spliced } from './text';

/** How many `asked` are remembered for the replies to come: one speaks at a time, the rest is slack. */
const ASKED_KEPT = 16;

export function reduce(state: RoomState, event: RoomEvent): RoomState {
  switch (event.type) {
    case 'entered':
      return entered(state, event);
    case 'floor_told':
      return { ...state, turn: told(state.turn, event.floor) };
    case 'published':
      return published(state, event.offset, event.push);
    case 'page_asked':
      return event.before === state.from ? { ...state, paging: 'loading' } : state;
    case 'page_failed':
      return event.before === state.from ? { ...state, paging: 'failed' } : state;
    case 'paged':
      return paged(state, event);
    case 'trimmed':
      return trimmed(state, event.keep);
    case 'turned_away':
      return { ...state, phase: event.phase };
    case 'said':
      return said(state, event);
    case 'sent_again':
      return withPending(state, event.id, { status: 'sending', code: null });
    case 'accepted':
      return {
        ...withPending(state, event.id, { status: 'accepted', code: null }),
        spoke_ms: event.at_ms,
        held_ms: 0,
      };
    case 'put_off':
      return withPending(state, event.id, { status: 'waiting', code: null });
    case 'refused':
      return refused(state, event);
    case 'discarded':
      return { ...state, pending: state.pending.filter((line) => line.id !== event.id) };
  }
}

export function reduceAll(state: RoomState, events: readonly RoomEvent[]): RoomState {
  return events.reduce(reduce, state);
}

/** Whether older lines than those in sight may exist. */
export function hasOlder(state: RoomState): boolean {
  return state.from > 1;
}

/** The line at an offset, or null. */
export function lineAt(lines: readonly Line[], offset: number): Line | null {
  let low = 0;
  let high = lines.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const line = lines[middle] as Line;
    if (line.offset === offset) return line;
    if (line.offset < offset) low = middle + 1;
    else high = middle - 1;
  }
  return null;
}

function entered(state: RoomState, event: Extract<RoomEvent, { type: 'entered' }>): RoomState {
  const { snapshot, offset, epoch } = event;
  const isContinuous = event.recovered && epoch === state.epoch && state.from > 0;
  const kept = isContinuous
    ? state
    : { ...state, from: offset + 1, lines: [], asked: [], paging: 'idle' as const };
  return {
    ...kept,
    phase: 'inside',
    title: snapshot.title,
    personas: snapshot.personas,
    show: snapshot.show,
    viewers: snapshot.viewers,
    maxChars: snapshot.maxChars,
    ...slowed(state, snapshot.slow_s),
    epoch,
  };
}

/** Who speaks according to a snapshot. It is the newest word, so it wins. */
function told(turn: Turn | null, floor: Floor | null): Turn | null {
  if (floor === null) return turn && !turn.isOver ? { ...turn, isOver: true } : turn;
  const length = codePoints(floor.text);
  const isSame = turn?.reply === floor.reply;
  return { ...floor, length, heard: isSame ? turn.heard : length, isOver: false };
}

function published(
  state: RoomState,
  offset: number | null,
  push: Extract<RoomEvent, { type: 'published' }>['push'],
): RoomState {
  if (offset !== null && offset < state.from) return state;
  const isNew = offset === null || lineAt(state.lines, offset) === null;
  switch (push.t) {
    case 'chat': {
      if (offset === null) return state;
      const pending = state.pending.filter((line) => line.id !== push.id);
      const settled = pending.length === state.pending.length ? state : { ...state, pending };
      return isNew
        ? { ...settled, lines: merged(settled.lines, toLines(state, [{ offset, push }])) }
        : settled;
    }
    case 'reply': {
      if (offset === null || !isNew) return state;
      return {
        ...state,
        lines: merged(state.lines, toLines(state, [{ offset, push }])),
        turn: replied(state.turn, push),
        lastVoice: push.voice || state.lastVoice,
      };
    }
    case 'show': {
      if (offset === null || !isNew) return state;
      const show = push.what === 'closed' ? 'over' : push.what === 'opened' ? 'live' : state.show;
      const slow = push.what === 'slow' ? slowed(state, push.slow_s) : null;
      return { ...state, ...slow, show, lines: merged(state.lines, toLines(state, [{ offset, push }])) };
    }
    case 'asked':
      if (state.asked.some((known) => known.reply === push.reply)) return state;
      return { ...state, asked: [...state.asked, push].slice(-ASKED_KEPT), turn: begun(state.turn, push) };
    case 'delta':
      return { ...state, turn: spoken(state, push) };
    case 'count':
      return { ...state, viewers: push.viewers };
  }
}

function begun(turn: Turn | null, push: AskedPush): Turn {
  if (turn?.reply === push.reply)
    return { ...turn, answers: push.answers, why: push.why, persona: push.persona };
  return { ...push, text: '', length: 0, cues: [], heard: 0, isOver: false };
}

function spoken(state: RoomState, push: DeltaPush): Turn | null {
  let turn = state.turn;
  if (turn?.reply !== push.reply) {
    // A late piece of an answer that is whole already says nothing new.
    if (state.lines.some((line) => line.kind === 'reply' && line.reply === push.reply)) return turn;
    turn = begun(turn, { t: 'asked', reply: push.reply, persona: '', answers: [], why: '' });
  }
  if (turn.isOver) return turn;
  let { text, length, cues } = turn;
  // A piece with a cue and no text moves no text.
  if (push.text !== '' || push.cue === null) {
    const isAppended = push.at >= length;
    text = isAppended ? text + push.text : spliced(text, push.at, push.text);
    length = isAppended ? length + codePoints(push.text) : push.at + codePoints(push.text);
    if (!isAppended) cues = cues.filter((cue) => cue.at <= push.at);
  }
  const { cue } = push;
  if (cue && !cues.some((known) => known.at === cue.at && known.signal === cue.signal)) cues = [...cues, cue];
  return { ...turn, text, length, cues, heard: Math.min(turn.heard, length) };
}

function replied(turn: Turn | null, push: ReplyPush): Turn | null {
  // An answer older than the one being given (a recovered one) changes nothing on the stage.
  if (turn && turn.reply !== push.reply && !turn.isOver) return turn;
  const length = codePoints(push.text);
  const isSame = turn?.reply === push.reply;
  return {
    reply: push.reply,
    persona: push.persona,
    answers: isSame ? turn.answers : [],
    why: isSame ? turn.why : '',
    text: push.text,
    length,
    cues: push.cues,
    // An answer that was never streamed here was heard elsewhere: it is shown whole.
    heard: isSame ? Math.min(turn.heard, length) : length,
    isOver: true,
  };
}

function paged(state: RoomState, event: Extract<RoomEvent, { type: 'paged' }>): RoomState {
  if (event.before !== state.from) return state; // Asked for before the log was left and entered anew.
  const older = event.events.filter(({ offset }) => offset < state.from);
  const lines = merged(state.lines, toLines(state, older));
  const first = older.length > 0 ? (event.first ?? 1) : 1;
  let turn = state.turn;
  if (turn === null) {
    const last = older.findLast(({ push }) => push.t === 'reply');
    if (last?.push.t === 'reply') turn = replied(null, last.push);
  }
  const voice = older.findLast(({ push }) => push.t === 'reply')?.push;
  const pending = state.pending.filter(
    (mine) => !older.some(({ push }) => push.t === 'chat' && push.id === mine.id),
  );
  const lastVoice = state.lastVoice ?? (voice?.t === 'reply' ? voice.voice : null);
  return { ...state, lines, from: Math.min(first, state.from), paging: 'idle', turn, pending, lastVoice };
}

function trimmed(state: RoomState, keep: number): RoomState {
  if (state.lines.length <= keep) return state;
  const lines = state.lines.slice(-keep);
  return { ...state, lines, from: lines[0]?.offset ?? state.from };
}

function said(state: RoomState, event: Extract<RoomEvent, { type: 'said' }>): RoomState {
  const { id, viewer, nick, text } = event;
  const key = lineKey(viewer, id);
  const line: PendingLine = { kind: 'pending', key, id, viewer, nick, text, status: 'sending', code: null };
  return { ...state, pending: [...state.pending, line] };
}

/** Another interval. What held the viewer for want of knowing better ends with slow mode. */
function slowed(state: RoomState, slow_s: number): Pick<RoomState, 'slow_s' | 'held_ms'> {
  return { slow_s, held_ms: slow_s === 0 ? 0 : state.held_ms };
}

function refused(state: RoomState, event: Extract<RoomEvent, { type: 'refused' }>): RoomState {
  const failed = withPending(state, event.id, { status: 'failed', code: event.code });
  if (event.code !== SLOW_MODE) return failed;
  return { ...failed, held_ms: heldUntil_ms(state.slow_s, event.at_ms) };
}

function withPending(state: RoomState, id: string, change: Pick<PendingLine, 'status' | 'code'>): RoomState {
  return { ...state, pending: state.pending.map((line) => (line.id === id ? { ...line, ...change } : line)) };
}

const lineKey = (viewer: string, id: string) => `${viewer}/${id}`;

/** Log events as lines; `asked` leaves no line, it gives the reply its quotes. Events ascend. */
function toLines(state: RoomState, events: readonly Durable[]): Line[] {
  const lines: Line[] = [];
  const asked: AskedPush[] = [...state.asked];
  for (const { offset, push } of events) {
    if (push.t === 'chat') {
      const { id, viewer, nick, badges, text, ts } = push;
      lines.push({ kind: 'chat', key: lineKey(viewer, id), offset, id, viewer, nick, badges, text, ts });
    } else if (push.t === 'reply') {
      const { reply, persona, text, voice, cut, ts } = push;
      const answers = asked.findLast((ask) => ask.reply === reply)?.answers ?? [];
      const quotes = quoted(answers, lines, state.lines);
      lines.push({
        kind: 'reply',
        key: `reply/${reply}/${offset}`,
        offset,
        reply,
        persona,
        text,
        voice,
        cut,
        ts,
        quotes,
      });
    } else if (push.t === 'show') {
      const { what, slow_s, was_s, ts } = push;
      lines.push({ kind: 'show', key: `show/${offset}`, offset, what, slow_s, was_s, ts });
    } else if (push.t === 'asked') {
      asked.push(push);
    }
  }
  return lines;
}

function quoted(answers: readonly number[], ...pools: readonly (readonly Line[])[]): ReplyLine['quotes'] {
  return answers.flatMap((offset) => {
    for (const pool of pools) {
      const line = lineAt(pool, offset);
      if (line?.kind === 'chat') return [{ nick: line.nick, text: line.text }];
    }
    return [];
  });
}

/** Two runs of lines as one, ascending by offset, each offset once. */
function merged(old: readonly Line[], fresh: readonly Line[]): readonly Line[] {
  const first = fresh[0];
  const last = fresh.at(-1);
  if (first === undefined || last === undefined) return old;
  if (old.length === 0) return fresh;
  if (first.offset > (old.at(-1) as Line).offset) return [...old, ...fresh];
  if (last.offset < (old[0] as Line).offset) return [...fresh, ...old];
  const byOffset = new Map<number, Line>();
  for (const line of [...fresh, ...old]) byOffset.set(line.offset, line);
  return [...byOffset.values()].sort((a, b) => a.offset - b.offset);
}
