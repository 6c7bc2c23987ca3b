/** Owns how a room changes by an event. Pure: no clock, no socket; every event may come twice or late. */
import type { Asked, Durable, Push, RetractPush } from '../session/shapes';
import { explained, isTaken, lineAt, lineKey, merged, replyLine, toLines, withdrawn } from './lines';
import { directed, located, shown, storyOpened, tallied } from './show';
import { heldUntil_ms, SLOW_MODE } from './slow-mode';
import type { PendingLine, RoomEvent, RoomState } from './state';
import { begun, replied, spoken, told } from './turn';

/** How many `asked` are remembered for the replies to come: one speaks at a time, the rest is slack. */
const ASKED_KEPT = 16;

export function reduce(state: RoomState, event: RoomEvent): RoomState {
  switch (event.type) {
    case 'entered':
      return entered(state, event);
    case 'floor_told':
      return {
        ...state,
        asked: event.floor ? remembered(state.asked, event.floor) : state.asked,
        turn: told(state.turn, event.floor),
      };
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
      return { ...state, visit: event.visit };
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
    case 'voted': {
      if (state.poll?.poll !== event.poll) return state;
      const { poll, choice, status } = event;
      return { ...state, vote: { poll, choice, status } };
    }
  }
}

export function reduceAll(state: RoomState, events: readonly RoomEvent[]): RoomState {
  return events.reduce(reduce, state);
}

/** Whether older lines than those in sight may exist. */
export function hasOlder(state: RoomState): boolean {
  return state.from > 1;
}

function entered(state: RoomState, event: Extract<RoomEvent, { type: 'entered' }>): RoomState {
  const { snapshot, offset, epoch } = event;
  const isContinuous = event.recovered && epoch === state.epoch && state.from > 0;
  const kept = isContinuous
    ? state
    : { ...state, from: offset + 1, lines: [], asked: [], paging: 'idle' as const };
  const { title, personas, viewers, maxChars } = snapshot;
  const retracted = epoch === state.epoch ? state.retracted : {};
  const inside = { ...kept, visit: 'inside' as const, title, personas, viewers, maxChars, epoch, retracted };
  return shown(inside, snapshot, offset, isContinuous);
}

function published(state: RoomState, offset: number | null, push: Push): RoomState {
  switch (push.t) {
    case 'delta': {
      // A late piece of an answer that is whole already says nothing new.
      if (state.turn?.reply !== push.reply) {
        const story = askedBefore(state, push.reply)?.story ?? null;
        if (replyLine(state.lines, push.reply) || isTaken(state.lines, story)) return state;
      }
      return { ...state, turn: spoken(state.turn, push) };
    }
    case 'count':
      return { ...state, viewers: push.viewers };
    case 'tally':
      return tallied(state, push.poll, push.votes);
    case 'queue':
      return { ...state, storiesWaiting: push.stories };
    case 'react': {
      const reactions = { ...state.reactions };
      for (const [kind, came] of Object.entries(push.counts)) reactions[kind] = (reactions[kind] ?? 0) + came;
      return { ...state, reactions };
    }
    default:
      return offset === null || offset < state.from ? state : happened(state, offset, push);
  }
}

/** An event of the log. */
function happened(
  state: RoomState,
  offset: number,
  push: Exclude<Push, { t: 'delta' | 'count' | 'tally' | 'queue' | 'react' }>,
): RoomState {
  switch (push.t) {
    case 'chat': {
      const pending = state.pending.filter((line) => line.id !== push.id);
      return withLine(pending.length === state.pending.length ? state : { ...state, pending }, offset, push);
    }
    case 'donation':
      return withLine(state, offset, push);
    case 'story':
      return storyOpened(withLine(state, offset, push), push, offset);
    case 'show':
      return directed(withLine(state, offset, push), push, offset);
    case 'reply': {
      if (lineAt(state.lines, offset) !== null) return state;
      const asked = askedBefore(state, push.reply);
      if (isTaken(state.lines, asked?.story ?? null)) return withLine(state, offset, push);
      return {
        ...withLine(state, offset, push),
        turn: replied(state.turn, push, asked),
        lastVoice: push.voice || state.lastVoice,
      };
    }
    case 'asked': {
      if (state.asked.some((known) => known.reply === push.reply)) return state;
      const asked = remembered(state.asked, push);
      // It comes after its own answer: there is nothing to wait for.
      if (replyLine(state.lines, push.reply))
        return { ...state, asked, lines: explained(state.lines, [push]) };
      return { ...state, asked, turn: begun(state.turn, push) };
    }
    case 'retract':
      return takenBack(state, offset, push);
  }
}

function withLine(state: RoomState, offset: number, push: Durable['push']): RoomState {
  if (lineAt(state.lines, offset) !== null) return state;
  const fresh = toLines([{ offset, push }], state.lines, state.asked, state.retracted);
  return { ...state, lines: merged(state.lines, fresh) };
}

/** Somebody takes back what stands at `of`: its words go, wherever they are. */
function takenBack(state: RoomState, offset: number, { of, by }: RetractPush): RoomState {
  if (state.retracted[of] !== undefined) return state;
  const retracted = { ...state.retracted, [of]: by };
  const line = lineAt(state.lines, of);
  const lines = state.lines.map((known) => withdrawn(known, retracted));
  const { turn, story } = state;
  const isRead = turn !== null && turn.story !== null && isTaken(lines, turn.story);
  const isOnStage = isRead || (line?.kind === 'reply' && line.reply === turn?.reply);
  // A story that was told before we came in has an offset that is not known here: rather too much goes than too little.
  const isStory = story?.offset === 0 && offset > state.base && line === null && by === 'teller';
  return {
    ...state,
    retracted,
    lines,
    turn: isOnStage || (isStory && turn?.story === story.story) ? null : turn,
    story: isStory ? null : story,
  };
}

function paged(state: RoomState, event: Extract<RoomEvent, { type: 'paged' }>): RoomState {
  if (event.before !== state.from) return state; // Asked for before the log was left and entered anew.
  const older = event.events.filter(({ offset }) => offset < state.from);
  const retracted = { ...state.retracted };
  const asked: Asked[] = [];
  for (const { push } of older) {
    if (push.t === 'retract') retracted[push.of] ??= push.by;
    if (push.t === 'asked') asked.push(push);
  }
  const fresh = toLines(older, state.lines, state.asked, retracted);
  const lines = explained(merged(state.lines, fresh), asked);
  const first = older.length > 0 ? (event.first ?? 1) : 1;
  const last = older.findLast(({ push }) => push.t === 'reply')?.push;
  let { turn, lastVoice } = state;
  if (last?.t === 'reply') {
    const isKept = replyLine(lines, last.reply)?.withdrawn === null;
    if (isKept) turn ??= replied(null, last, asked.findLast(({ reply }) => reply === last.reply) ?? null);
    lastVoice ??= last.voice;
  }
  const pending = state.pending.filter(
    (mine) => !older.some(({ push }) => push.t === 'chat' && push.id === mine.id),
  );
  const from = Math.min(first, state.from);
  return located({ ...state, retracted, lines, from, paging: 'idle', turn, pending, lastVoice });
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

function refused(state: RoomState, event: Extract<RoomEvent, { type: 'refused' }>): RoomState {
  const failed = withPending(state, event.id, { status: 'failed', code: event.code });
  if (event.code !== SLOW_MODE) return failed;
  return { ...failed, held_ms: heldUntil_ms(state.slow_s, event.at_ms) };
}

function withPending(state: RoomState, id: string, change: Pick<PendingLine, 'status' | 'code'>): RoomState {
  return { ...state, pending: state.pending.map((line) => (line.id === id ? { ...line, ...change } : line)) };
}

const askedBefore = ({ asked }: RoomState, reply: string) =>
  asked.findLast((ask) => ask.reply === reply) ?? null;

function remembered(asked: readonly Asked[], ask: Asked): readonly Asked[] {
  return asked.some(({ reply }) => reply === ask.reply) ? asked : [...asked, ask].slice(-ASKED_KEPT);
}
