import { expect, test } from 'vitest';
import { contrast, readable } from './colour';

test('black on white is 21 to 1', () => {
  expect(contrast('#000000', '#ffffff')).toBeCloseTo(21, 1);
});

test('any accent becomes readable on any paper', () => {
  for (const accent of ['#ffffff', '#000000', '#ffd0d8', '#c9789a', '#2d5687', 'not a colour']) {
    for (const paper of ['#f4e9da', '#2b1e33']) {
      expect(contrast(readable(accent, paper), paper)).toBeGreaterThanOrEqual(4.5);
    }
  }
});

test('an accent that is readable already is left alone', () => {
  expect(readable('#5a1f4a', '#ffffff')).toBe('#5a1f4a');
});
