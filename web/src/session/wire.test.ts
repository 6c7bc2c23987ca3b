import { describe, expect, test } from 'vitest';
import { readPage, readPersonas, readPush, readRooms, readSnapshot } from './wire';

describe('what is unknown is left out, never an error', () => {
  test('a push of a later version', () => {
    expect(readPush({ t: 'donation', amount: 1000 })).toBeNull();
    expect(readPush('…')).toBeNull();
    expect(readPush(null)).toBeNull();
  });

  test('an unknown event keeps its offset in the page', () => {
    const page = readPage({
      events: [
        { offset: 7, data: { t: 'story' } },
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
  });
});

test('slow mode in the rules and in the show, and where a server knows nothing of it', () => {
  expect(readSnapshot({ rules: { max_chars: 300, slow_s: 10 } }).slow_s).toBe(10);
  expect(readSnapshot({ rules: { max_chars: 300 } }).slow_s).toBe(0);
  expect(readPush({ t: 'show', what: 'slow', slow_s: 10, was_s: 5, ts: 1 })).toMatchObject({
    slow_s: 10,
    was_s: 5,
  });
  expect(readPush({ t: 'show', what: 'closed', ts: 1 })).toMatchObject({ slow_s: 0 });
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
