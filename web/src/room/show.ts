/**
 * Owns what the show does to a room: its phase, who is on air, the poll, what is pinned, the open story, slow mode. Pure.
 * Of two words on one thing the one later in the log holds, in whatever order they come.
 */
import type { Pinned, Poll, ShowPush, Snapshot, StoryPush } from '../session/shapes';
import type { PollSeen, RoomState, StoryOnAir } from './state';

/** Phases that are about a story; in any other one no story is open. */
const STORY_PHASES = new Set(['story', 'panel', 'poll']);

/** Another interval. What held the viewer for want of knowing better ends with slow mode. */
function slowed(state: RoomState, slow_s: number): Pick<RoomState, 'slow_s' | 'held_ms'> {
  return { slow_s, held_ms: slow_s === 0 ? 0 : state.held_ms };
}

/** `change`, unless a later word on the same thing is known. */
function put(state: RoomState, thing: string, offset: number, change: Partial<RoomState>): RoomState {
  if (offset <= (state.told[thing] ?? state.base)) return state;
  return { ...state, ...change, told: { ...state.told, [thing]: offset } };
}

/** The show as a snapshot at `offset` has it. `isContinuous`: what was missed follows as events. */
export function shown(
  state: RoomState,
  snapshot: Snapshot,
  offset: number,
  isContinuous: boolean,
): RoomState {
  const { show, phase, onAir, pinned, slow_s, storiesWaiting } = snapshot;
  const next = { ...state, show, phase, onAir, pinned, storiesWaiting, ...slowed(state, slow_s) };
  const story = snapshot.story && { ...snapshot.story, offset: storyOffset(state, snapshot.story.story) };
  // A poll that has ended is in no snapshot; its result is among what follows, or seen already.
  if (isContinuous && snapshot.poll === null && state.poll !== null) {
    return { ...next, story, base: offset, told: { poll: state.told.poll ?? state.base } };
  }
  const poll = snapshot.poll && { ...snapshot.poll, isOpen: true };
  return { ...next, story, poll, vote: voteIn(state, snapshot.poll), base: offset, told: {} };
}

export function directed(state: RoomState, push: ShowPush, offset: number): RoomState {
  switch (push.what) {
    case 'opened':
      return put(state, 'phase', offset, { show: 'live' });
    case 'closed':
      return put(state, 'phase', offset, { show: 'over', phase: 'over' });
    case 'phase': {
      const { phase } = push;
      const show = phase === 'scheduled' || phase === 'over' ? phase : 'live';
      const moved = put(state, 'phase', offset, { show, phase });
      return STORY_PHASES.has(phase) ? moved : put(moved, 'story', offset, { story: null });
    }
    case 'slow':
      return put(state, 'slow', offset, slowed(state, push.slow_s));
    case 'entered':
    case 'left': {
      const { persona } = push;
      const others = state.onAir.filter((id) => id !== persona);
      const onAir = push.what === 'left' ? others : [...others, persona];
      return put(state, `air/${persona}`, offset, { onAir: inOrder(state, onAir) });
    }
    case 'poll_opened':
      return put(state, 'poll', offset, {
        poll: { ...push.poll, isOpen: true },
        vote: voteIn(state, push.poll),
      });
    case 'poll_closed':
      return put(state, 'poll', offset, {
        poll: { ...push.poll, about: aboutOf(state, push.poll), isOpen: false },
        vote: voteIn(state, push.poll),
      });
    case 'pinned':
      return put(state, 'pinned', offset, { pinned: push.pinned });
    case 'unpinned':
      return put(state, 'pinned', offset, { pinned: null });
    case 'notice':
    case 'other':
      return state;
  }
}

export function storyOpened(state: RoomState, push: StoryPush, offset: number): RoomState {
  const { t, ts, ...story } = push;
  // The snapshot told of it before the log did: now its place is known.
  if (state.story?.story === story.story) return { ...state, story: { ...state.story, offset } };
  return put(state, 'story', offset, { story: { ...story, offset } });
}

/** The open story with its place in the log, when the lines in sight tell it. */
export function located(state: RoomState): RoomState {
  if (state.story?.offset !== 0) return state;
  const offset = storyOffset(state, state.story.story);
  return offset === 0 ? state : { ...state, story: { ...state.story, offset } };
}

export function tallied(state: RoomState, poll: string, votes: readonly number[]): RoomState {
  if (state.poll?.poll !== poll || !state.poll.isOpen) return state;
  const counted = state.poll.options.map((_, choice) => votes[choice] ?? 0);
  return { ...state, poll: { ...state.poll, votes: counted } };
}

/** What is pinned, unless it was taken back. */
export function pinnedNow(state: Pick<RoomState, 'pinned' | 'retracted'>): Pinned | null {
  const { pinned, retracted } = state;
  return pinned !== null && retracted[pinned.of] === undefined ? pinned : null;
}

/** The story that is on air, unless it was taken back. */
export function storyNow(state: Pick<RoomState, 'story' | 'retracted'>): StoryOnAir | null {
  const { story, retracted } = state;
  return story !== null && retracted[story.offset] === undefined ? story : null;
}

/** Votes in all, and of each option the share in whole percent. */
export function sharesOf(poll: Pick<PollSeen, 'votes'>): { total: number; percents: number[] } {
  const total = poll.votes.reduce((sum, votes) => sum + votes, 0);
  return {
    total,
    percents: poll.votes.map((votes) => (total === 0 ? 0 : Math.round((votes / total) * 100))),
  };
}

/** The places of the options that have most votes; none without votes. */
export function winnersOf(poll: Pick<PollSeen, 'votes'>): number[] {
  const most = Math.max(0, ...poll.votes);
  return most === 0 ? [] : poll.votes.flatMap((votes, choice) => (votes === most ? [choice] : []));
}

function voteIn(state: RoomState, poll: Poll | null): RoomState['vote'] {
  return poll !== null && state.vote?.poll === poll.poll ? state.vote : null;
}

const aboutOf = (state: RoomState, poll: Poll) => (state.poll?.poll === poll.poll ? state.poll.about : '');

function storyOffset(state: RoomState, story: string): number {
  const line = state.lines.findLast((known) => known.kind === 'story' && known.story === story);
  return line?.offset ?? 0;
}

/** Personas in the order of the room. */
function inOrder(state: RoomState, ids: readonly string[]): string[] {
  const place = new Map(state.personas.map(({ id }, index) => [id, index]));
  const rank = (id: string) => place.get(id) ?? place.size;
  return [...ids].sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
}
