import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { CallError, type Connection, type Link } from '../session/connection';
import { enterRoom, type RoomLink } from './room-link';

const TEMPORARY = new CallError(100, true, 'internal server error');
const TOO_FAST = new CallError(111, true, 'too many requests');
const TIMEOUT = new CallError(1, false, 'timeout');

/** Answers `say` as the test tells it to, and remembers the ids and when they came. */
let answer: () => Promise<unknown>;
let said: { id: string; at_ms: number }[];
/** The choices that came to the server, and how many reactions. */
let voted: number[];
let reacted: number;
let link: Link;
let watchers: (() => void)[];
let room: RoomLink;
/** The room's server side: calls what the subscription was told to call. */
let tell: (event: string, context: unknown) => void;

/** Like a tab's own storage. */
function storage(): Pick<Storage, 'getItem' | 'setItem'> {
  const kept = new Map<string, string>();
  return {
    getItem: (key) => kept.get(key) ?? null,
    setItem: (key, value) => void kept.set(key, value),
  };
}

const POLL = { poll: 'p_1', question: '?', options: ['가', '나'], closes_ms: null, about: '', votes: [0, 0] };

async function enterWithPoll(): Promise<void> {
  vi.stubGlobal('fetch', async () => Response.json({ events: [] }));
  tell('subscribed', { data: { poll: POLL }, streamPosition: { offset: 1, epoch: 'e1' }, recovered: false });
  await vi.advanceTimersByTimeAsync(100);
}

const gaps = () => said.slice(1).map(({ at_ms }, index) => at_ms - (said[index]?.at_ms ?? 0));
const mine = () => room.state().pending[0];
const turn = (next: Link) => {
  link = next;
  for (const watcher of watchers) watcher();
};

beforeEach(() => {
  vi.useFakeTimers();
  vi.spyOn(Math, 'random').mockReturnValue(0.999);
  vi.stubGlobal('document', { hidden: false });
  vi.stubGlobal('requestAnimationFrame', (work: () => void) => setTimeout(work, 16));
  vi.stubGlobal('cancelAnimationFrame', (timer: number) => clearTimeout(timer));
  answer = async () => ({});
  said = [];
  voted = [];
  reacted = 0;
  vi.stubGlobal('sessionStorage', storage());
  link = 'connected';
  watchers = [];
  const handlers = new Map<string, (context: unknown) => void>();
  tell = (event, context) => handlers.get(event)?.(context);
  const on = (event: string, work: (context: unknown) => void) => handlers.set(event, work);
  const subscription = { on, subscribe: () => undefined };
  const connection = {
    link: () => link,
    identity: () => ({ viewer: 'v_1', nick: '봄', token: 't' }),
    watch: (watcher: () => void) => {
      watchers.push(watcher);
      return () => undefined;
    },
    join: () => subscription,
    release: () => undefined,
    call: (method: string, data: { id: string; choice?: number }) => {
      if (method === 'say') said.push({ id: data.id, at_ms: Date.now() });
      if (method === 'vote') voted.push(data.choice ?? -1);
      if (method === 'react') reacted += 1;
      return answer();
    },
  };
  room = enterRoom(connection as unknown as Connection, 'panel');
});

afterEach(() => {
  room.leave();
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

test.each([TEMPORARY, TIMEOUT])('a line is sent again under its id until it is taken (%s)', async (error) => {
  answer = () => (said.length < 4 ? Promise.reject(error) : Promise.resolve({}));
  room.say('안녕하세요');
  await vi.advanceTimersByTimeAsync(1_000);
  expect(mine()?.status).toBe('sending');
  await vi.advanceTimersByTimeAsync(10_000);
  expect(new Set(said.map(({ id }) => id)).size).toBe(1);
  expect(said).toHaveLength(4);
  expect(mine()?.status).toBe('accepted');
});

test('the pauses grow, and after half a minute the viewer is asked', async () => {
  answer = () => Promise.reject(TEMPORARY);
  room.say('안녕하세요');
  await vi.advanceTimersByTimeAsync(60_000);
  expect(gaps().every((gap, index) => gap >= (gaps()[index - 1] ?? 400))).toBe(true);
  expect(gaps()[0]).toBeLessThanOrEqual(500);
  expect(Math.max(...gaps())).toBeLessThanOrEqual(5_000);
  expect(mine()).toMatchObject({ status: 'failed', code: 100 });
  const last = (said.at(-1)?.at_ms ?? 0) - (said[0]?.at_ms ?? 0);
  expect(last).toBeGreaterThan(20_000);
  expect(last).toBeLessThanOrEqual(30_000);

  answer = async () => ({});
  room.retry(said[0]?.id ?? '');
  await vi.advanceTimersByTimeAsync(100);
  expect(said.at(-1)?.id).toBe(said[0]?.id);
  expect(mine()?.status).toBe('accepted');
});

test('calls that get no answer count into the half minute', async () => {
  answer = () => new Promise((_, reject) => setTimeout(() => reject(TIMEOUT), 5_000));
  room.say('안녕하세요');
  await vi.advanceTimersByTimeAsync(40_000);
  expect(mine()).toMatchObject({ status: 'failed', code: 1 });
});

test('who was too fast is sent again gently', async () => {
  answer = () => (said.length < 3 ? Promise.reject(TOO_FAST) : Promise.resolve({}));
  room.say('안녕하세요');
  await vi.advanceTimersByTimeAsync(10_000);
  expect(Math.min(...gaps())).toBeGreaterThanOrEqual(1_600);
  expect(mine()?.status).toBe('accepted');
});

test.each([401, 404, 106])('what the server refuses for good (%i) fails at once', async (code) => {
  answer = () => Promise.reject(new CallError(code, false, 'no'));
  room.say('안녕하세요');
  await vi.advanceTimersByTimeAsync(40_000);
  expect(said).toHaveLength(1);
  expect(mine()).toMatchObject({ status: 'failed', code });
});

test('what came too soon for slow mode is not sent again by itself: the words go back to the viewer', async () => {
  answer = () => Promise.reject(new CallError(402, true, 'slow mode'));
  room.say('안녕하세요');
  await vi.advanceTimersByTimeAsync(40_000);
  expect(said).toHaveLength(1);
  expect(mine()).toMatchObject({ status: 'failed', code: 402, text: '안녕하세요' });
});

test('a line whose connection goes while it pauses waits for the next one, and is sent there once', async () => {
  answer = () => (said.length < 2 ? Promise.reject(TEMPORARY) : Promise.resolve({}));
  room.say('안녕하세요');
  await vi.advanceTimersByTimeAsync(50);
  turn('lost');
  await vi.advanceTimersByTimeAsync(60_000);
  expect(said).toHaveLength(1);
  expect(mine()?.status).toBe('waiting');
  turn('connected');
  await vi.advanceTimersByTimeAsync(10_000);
  expect(said).toHaveLength(2);
  expect(mine()?.status).toBe('accepted');
});

test('a line that is let go is not sent again', async () => {
  answer = () => Promise.reject(TEMPORARY);
  room.say('안녕하세요');
  await vi.advanceTimersByTimeAsync(50);
  room.discard(said[0]?.id ?? '');
  await vi.advanceTimersByTimeAsync(40_000);
  expect(said).toHaveLength(1);
});

test('a line said in the very frame in which a page of the log arrives is sent', async () => {
  const events = [
    { offset: 1, data: { t: 'chat', id: 'm_0', viewer: 'v_2', nick: '밤', text: '네', ts: 1 } },
  ];
  vi.stubGlobal('fetch', async () => {
    setTimeout(() => room.say('안녕하세요'), 1);
    return Response.json({ epoch: 'e1', last_offset: 1, events });
  });
  tell('subscribed', { data: {}, streamPosition: { offset: 1, epoch: 'e1' }, recovered: false });
  await vi.advanceTimersByTimeAsync(1_000);
  expect(said).toHaveLength(1);
  expect(mine()?.status).toBe('accepted');
});

test('of several votes the last one holds, however slowly the first is answered', async () => {
  await enterWithPoll();
  answer = () => new Promise((resolve) => setTimeout(() => resolve({}), 1_000));
  room.vote('p_1', 0);
  room.vote('p_1', 1);
  room.vote('p_1', 0);
  room.vote('p_1', 1);
  expect(room.state().vote).toMatchObject({ choice: 1, status: 'sending' });
  await vi.advanceTimersByTimeAsync(5_000);
  expect(voted).toEqual([0, 1]);
  expect(room.state().vote).toMatchObject({ choice: 1, status: 'cast' });
});

test('a vote that gets no answer is sent again; one that is refused says so', async () => {
  await enterWithPoll();
  answer = () => (voted.length < 3 ? Promise.reject(TEMPORARY) : Promise.resolve({}));
  room.vote('p_1', 1);
  await vi.advanceTimersByTimeAsync(20_000);
  expect(voted).toEqual([1, 1, 1]);
  expect(room.state().vote?.status).toBe('cast');
  answer = () => Promise.reject(new CallError(108, false, 'closed'));
  room.vote('p_1', 0);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(room.state().vote).toMatchObject({ choice: 0, status: 'failed' });
});

test('after a reload the page still knows the vote', async () => {
  await enterWithPoll();
  room.vote('p_1', 1);
  await vi.advanceTimersByTimeAsync(100);
  tell('subscribed', { data: { poll: POLL }, streamPosition: { offset: 9, epoch: 'e2' }, recovered: false });
  tell('subscribed', {
    data: { poll: { ...POLL, poll: 'p_2' } },
    streamPosition: { offset: 9, epoch: 'e3' },
    recovered: false,
  });
  await vi.advanceTimersByTimeAsync(100);
  expect(room.state()).toMatchObject({ poll: { poll: 'p_2' }, vote: null });
  tell('subscribed', { data: { poll: POLL }, streamPosition: { offset: 9, epoch: 'e4' }, recovered: false });
  await vi.advanceTimersByTimeAsync(100);
  expect(room.state().vote).toMatchObject({ poll: 'p_1', choice: 1, status: 'cast' });
});

test('reactions are let through as fast as the edge takes them, and a lost one is no loss', async () => {
  answer = () => Promise.reject(TIMEOUT);
  const taken = Array.from({ length: 9 }, () => room.react('heart'));
  expect(taken.filter(Boolean)).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(room.react('clap')).toBe(true);
  expect(reacted).toBe(2);
});
