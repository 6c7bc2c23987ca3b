import { describe, expect, test } from 'vitest';
import {
  readMemories,
  readOwnStories,
  readPage,
  readPersonas,
  readPush,
  readRooms,
  readSnapshot,
  readStoryOpened,
} from './wire';

describe('what is unknown is left out, never an error', () => {
  test('a push of a later version', () => {
    expect(readPush({ t: 'gift', amount: 1000 })).toBeNull();
    expect(readPush('…')).toBeNull();
    expect(readPush(null)).toBeNull();
  });

  test('an unknown event keeps its offset in the page', () => {
    const page = readPage({
      events: [
        { offset: 7, data: { t: 'gift' } },
        { offset: 8, data: { t: 'show', what: 'opened' } },
      ],
    });
    expect(page.offsets).toEqual([7, 8]);
    expect(page.events.map((event) => event.offset)).toEqual([8]);
  });

  test('empty bodies', () => {
    expect(readRooms(null)).toEqual([]);
    expect(readPersonas({})).toEqual([]);
    expect(readSnapshot(undefined)).toMatchObject({ reply: null, maxChars: 300, show: 'live' });
    expect(readOwnStories({ stories: [null, 3, {}] })).toHaveLength(1);
    expect(readMemories('…')).toEqual({ hasConsent: false, memories: [] });
    expect(readStoryOpened({ t: 'goaway' })).toBeNull();
  });
});

test('slow mode in the rules and in the show, and where a server knows nothing of it', () => {
  expect(readSnapshot({ rules: { max_chars: 300, slow_s: 10 } }).slow_s).toBe(10);
  expect(readSnapshot({ rules: { max_chars: 300 } }).slow_s).toBe(0);
  expect(readPush({ t: 'show', what: 'slow', slow_s: 10, was_s: 5, ts: 1 })).toMatchObject({
    slow_s: 10,
    was_s: 5,
  });
  expect(readPush({ t: 'show', what: 'slow', ts: 1 })).toMatchObject({ slow_s: 0 });
});

test('a delta without a cue, and one with nothing but a cue', () => {
  expect(readPush({ t: 'delta', reply: 't_1', at: 3, text: '네' })).toEqual({
    t: 'delta',
    reply: 't_1',
    at: 3,
    text: '네',
    cue: null,
  });
  expect(
    readPush({ t: 'delta', reply: 't_1', at: 3, text: '', cue: { signal: 'nod', at: 3 } }),
  ).toMatchObject({
    cue: { signal: 'nod', at: 3 },
  });
});

test('why lines were chosen, and what a server that does not say so leaves open', () => {
  const reason = { of: 3, why: 'question', waited_s: 40, alike: [4, 'x'], people: 2, first: true };
  expect(
    readPush({ t: 'asked', reply: 't_1', persona: 'oh-yul', answers: [3], reasons: [reason, 7] }),
  ).toEqual({
    t: 'asked',
    reply: 't_1',
    persona: 'oh-yul',
    kind: 'answers',
    answers: [3],
    why: '',
    reasons: [{ of: 3, why: 'question', waited_s: 40, alike: [4], people: 2, isFirst: true }],
    story: null,
  });
});

test('the deeds of a show; those that no viewer needs to know of are one', () => {
  const show = (what: string, more = {}) => readPush({ t: 'show', what, ts: 1, ...more });
  expect(show('knobs', { knobs: { width: 2 } })).toEqual(show('wish', { kind: 'say', text: '비밀' }));
  expect(show('of a later version')).toMatchObject({ what: 'other' });
  expect(show('entered', { persona: 'oh-yul' })).toMatchObject({ what: 'entered', persona: 'oh-yul' });
  expect(show('pinned', { text: '가', nick: '', of: 0 })).toMatchObject({ pinned: { text: '가', of: 0 } });
  expect(
    show('poll_opened', { poll: 'p_1', question: '?', options: ['가', '나'], closes_ms: null }),
  ).toMatchObject({
    poll: { closes_ms: null, votes: [0, 0] },
  });
});

test('every persona is on air where a server does not say who is', () => {
  const personas = [{ id: 'a', name: 'A' }];
  expect(readSnapshot({ personas }).onAir).toEqual(['a']);
  expect(readSnapshot({ personas, on_air: [] }).onAir).toEqual([]);
});

test('reactions are numbers above nothing', () => {
  expect(readPush({ t: 'react', counts: { heart: 2, clap: 0, cry: 'many' } })).toEqual({
    t: 'react',
    counts: { heart: 2 },
  });
});

test('no body, however broken, breaks a reader', () => {
  const values = [null, 0, -1, '', 'x', [], [null], {}, { t: {} }, true];
  const kinds = [
    'chat',
    'asked',
    'delta',
    'reply',
    'story',
    'donation',
    'retract',
    'show',
    'count',
    'react',
    'tally',
    'queue',
  ];
  const keys = [
    'reasons',
    'answers',
    'counts',
    'votes',
    'options',
    'what',
    'poll',
    'cues',
    'cue',
    'of',
    'story',
    'text',
  ];
  let read = 0;
  for (const t of kinds)
    for (const key of keys)
      for (const value of values) {
        if (readPush({ t, [key]: value }) !== null) read += 1;
        readSnapshot({
          [key]: value,
          reply: { [key]: value },
          story: { [key]: value },
          poll: { [key]: value },
        });
      }
  expect(read).toBe(kinds.length * keys.length * values.length);
});
