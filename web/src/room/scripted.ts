/** Owns what the tests of the reducer say in short: pushes and events as a room sends them. For tests only. */
import type { Push, Snapshot } from '../session/shapes';
import { reduceAll } from './reduce';
import { EMPTY_ROOM, type RoomEvent, type RoomState } from './state';

export const SNAPSHOT: Snapshot = {
  title: '방',
  personas: [],
  show: 'live',
  phase: 'chatting',
  onAir: [],
  viewers: 3,
  reply: null,
  poll: null,
  pinned: null,
  story: null,
  storiesWaiting: 0,
  maxChars: 300,
  slow_s: 0,
};

export const ASKED = { kind: 'answers', reasons: [], story: null };

export const entered = (offset: number, recovered = false, epoch = 'e1'): RoomEvent => ({
  type: 'entered',
  snapshot: SNAPSHOT,
  offset,
  epoch,
  recovered,
});
export const chat = (id: string, text = id): Push => ({
  t: 'chat',
  id,
  viewer: 'v_a',
  nick: '달빛',
  badges: [],
  text,
  ts: 1,
});
export const asked = (reply: string, answers: number[]): Push => ({
  t: 'asked',
  ...ASKED,
  reply,
  persona: 'oh-yul',
  answers,
  why: 'talk',
});
export const delta = (
  reply: string,
  at: number,
  text: string,
  cue: { signal: string; at: number } | null = null,
): Push => ({
  t: 'delta',
  reply,
  at,
  text,
  cue,
});
export const replied = (reply: string, text: string): Push => ({
  t: 'reply',
  reply,
  persona: 'oh-yul',
  kind: 'answers',
  text,
  cues: [],
  voice: 'builtin',
  cut: null,
  ts: 1,
});
export const published = (push: Push, offset: number | null = null): RoomEvent => ({
  type: 'published',
  offset,
  push,
});
export const roomAfter = (...events: RoomEvent[]): RoomState => reduceAll(EMPTY_ROOM, events);
export const texts = (room: RoomState) =>
  room.lines.map((line) => (line.kind === 'show' ? line.what : line.text));
