import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { CallError, type Connection } from '../session/connection';
import { openDesk, type StoryDesk } from './story-desk';
import { EMPTY_DRAFT, type StoryDraft } from './story-draft';

const TIMEOUT = new CallError(1, false, 'timeout');
const DRAFT: StoryDraft = {
  ...EMPTY_DRAFT,
  title: ' 두 달째 썸 ',
  text: '가'.repeat(40),
  stage: 'some',
  ageBand: '25-29',
};

interface Call {
  readonly method: string;
  readonly data: Record<string, unknown>;
}

/** A server that keeps stories by the teller's own id, as the real one does. */
let told: Map<string, { story: string; title: string; status: string; place: number }>;
let calls: Call[];
/** What goes wrong with a call, before or after the server has acted; null: nothing. */
let trouble: (call: Call) => { isBefore: boolean; error: CallError } | null;
let tellAll: (message: unknown) => void;
let desk: StoryDesk;

function act({ method, data }: Call): unknown {
  const stories = [...told.values()];
  if (method === 'stories') return { stories };
  if (method === 'tell') {
    const id = String(data.id);
    const known = told.get(id);
    if (!known && stories.some(({ status }) => status === 'waiting'))
      throw new CallError(106, false, 'one waits');
    const story = known ?? {
      story: `s_${told.size + 1}`,
      title: String(data.title),
      status: 'waiting',
      place: 3,
    };
    told.set(id, story);
    return story;
  }
  for (const story of stories) if (story.story === data.story) story.status = 'withdrawn';
  return {};
}

beforeEach(() => {
  vi.useFakeTimers();
  told = new Map();
  calls = [];
  trouble = () => null;
  const hearers = new Set<(message: unknown) => void>();
  tellAll = (message) => {
    for (const hearer of hearers) hearer(message);
  };
  const connection = {
    link: () => 'connected',
    watch: () => () => undefined,
    listen: (hearer: (message: unknown) => void) => {
      hearers.add(hearer);
      return () => hearers.delete(hearer);
    },
    call: async (method: string, data: Record<string, unknown>) => {
      const call = { method, data };
      calls.push(call);
      const now = trouble(call);
      if (now?.isBefore) throw now.error;
      const answer = act(call);
      if (now) throw now.error;
      return answer;
    },
  };
  desk = openDesk(connection as unknown as Connection, 'oh-yul');
});

afterEach(() => {
  desk.leave();
  vi.useRealTimers();
});

const tells = () => calls.filter(({ method }) => method === 'tell');

/** Tells the story, and lets the time pass that it takes. */
async function tell(): Promise<boolean> {
  const done = desk.tell();
  await vi.advanceTimersByTimeAsync(40_000);
  return done;
}

test('a story that is told has its place, and the form is empty again', async () => {
  desk.write(DRAFT);
  expect(await tell()).toBe(true);
  expect(tells()[0]?.data).toMatchObject({ channel: 'room:oh-yul', title: '두 달째 썸', anonymous: true });
  expect(desk.state()).toMatchObject({ waiting: { story: 's_1', place: 3 }, draft: EMPTY_DRAFT });
});

test('a story whose answer is lost is told once, however often it is sent', async () => {
  trouble = ({ method }) =>
    method === 'tell' && tells().length < 3 ? { isBefore: false, error: TIMEOUT } : null;
  desk.write(DRAFT);
  expect(await tell()).toBe(true);
  expect(tells()).toHaveLength(3);
  expect(new Set(tells().map(({ data }) => data.id)).size).toBe(1);
  expect(told.size).toBe(1);
});

test('after a refusal the words stay, and the next try is the same story', async () => {
  trouble = () => ({ isBefore: true, error: new CallError(401, false, 'blocked') });
  desk.write(DRAFT);
  expect(await tell()).toBe(false);
  expect(desk.state()).toMatchObject({ refusal: 401, draft: DRAFT, isTelling: false });
  trouble = () => null;
  desk.write({ ...DRAFT, title: '고친 제목' });
  expect(desk.state().refusal).toBeNull();
  expect(await tell()).toBe(true);
  expect(new Set(tells().map(({ data }) => data.id)).size).toBe(1);
});

test('the next story is another one', async () => {
  desk.write(DRAFT);
  await tell();
  expect(await desk.withdraw('s_1')).toBe(true);
  expect(desk.state().waiting).toBeNull();
  desk.write(DRAFT);
  expect(await tell()).toBe(true);
  expect(told.size).toBe(2);
});

test('while one waits another is refused, and the form says so', async () => {
  desk.write(DRAFT);
  await tell();
  desk.write(DRAFT);
  expect(await tell()).toBe(false);
  expect(desk.state().refusal).toBe(106);
});

test('a story told before the page was opened is found, and its place follows the queue', async () => {
  told.set('before', { story: 's_0', title: '지난번', status: 'waiting', place: 2 });
  desk.refresh();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(desk.state().waiting).toMatchObject({ story: 's_0', place: 2 });
  told.set('before', { story: 's_0', title: '지난번', status: 'waiting', place: 1 });
  const asked = calls.length;
  for (let moves = 0; moves < 20; moves += 1) desk.refresh();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(desk.state().waiting).toMatchObject({ place: 1 });
  expect(calls.length).toBe(asked + 1);
});

test('the teller hears that the story is on air, by whichever word comes first, and once', async () => {
  desk.write(DRAFT);
  await tell();
  tellAll({ t: 'story_opened', story: 's_of_somebody' });
  expect(desk.state().opened).toBeNull();
  desk.noteOpened('s_1');
  tellAll({ t: 'story_opened', story: 's_1' });
  expect(desk.state()).toMatchObject({ waiting: null, opened: 's_1' });
  desk.noteEnded('s_1');
  expect(desk.state()).toMatchObject({ opened: null, told: ['s_1'] });
});

test('a story whose message is lost is told of when everybody hears it', async () => {
  desk.write(DRAFT);
  await tell();
  for (const story of told.values()) Object.assign(story, { status: 'opened', place: 0 });
  desk.noteOpened('s_1');
  expect(desk.state().opened).toBe('s_1');
});

test('a teller who comes back while the story is on air is known as its teller', async () => {
  desk.noteOpened('s_0');
  told.set('before', { story: 's_0', title: '지난번', status: 'opened', place: 0 });
  desk.refresh();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(desk.state()).toMatchObject({ waiting: null, opened: 's_0', told: ['s_0'] });
  expect(await desk.withdraw('s_0')).toBe(true);
  expect(desk.state()).toMatchObject({ opened: null, told: [] });
});
