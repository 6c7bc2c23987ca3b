import { expect, test } from 'vitest';
import { mayReact, newBursts } from './reactions';

test('what others send rises, as many as have come since', () => {
  expect(newBursts({ heart: 2 }, { heart: 5, clap: 1 }, {})).toEqual({
    bursts: [
      { kind: 'heart', count: 3 },
      { kind: 'clap', count: 1 },
    ],
    own: {},
  });
});

test('the own one rose at once, and does not rise again when the room counts it', () => {
  const first = newBursts({}, { heart: 1 }, { heart: 2 });
  expect(first).toEqual({ bursts: [], own: { heart: 1 } });
  expect(newBursts({ heart: 1 }, { heart: 4 }, first.own)).toEqual({
    bursts: [{ kind: 'heart', count: 2 }],
    own: { heart: 0 },
  });
});

test('what this page does not know makes no picture', () => {
  expect(newBursts({}, { fire: 9 }, {}).bursts).toEqual([]);
});

test('a viewer reacts no faster than the edge takes it', () => {
  const taken: number[] = [];
  for (let now_ms = 0; now_ms < 10_000; now_ms += 30)
    if (mayReact(taken.at(-1) ?? Number.NEGATIVE_INFINITY, now_ms)) taken.push(now_ms);
  expect(taken.length).toBeGreaterThan(30);
  expect(taken.length).toBeLessThanOrEqual(50);
});
