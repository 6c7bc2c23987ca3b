import { describe, expect, test } from 'vitest';
import { nextPosition } from './pace';
import {
  codePoints,
  finishedSentences,
  firstCodePoints,
  sentences,
  signalAt,
  spliced,
  wellFormed,
} from './text';

describe('positions count code points', () => {
  test('an astral character is one', () => {
    expect(codePoints('가🌙나')).toBe(3);
    expect(firstCodePoints('가🌙나', 2)).toBe('가🌙');
  });

  test('a piece replaces what stood behind its place', () => {
    expect(spliced('오늘🌙밤', 3, '도')).toBe('오늘🌙도');
    expect(spliced('오늘', 0, '내일')).toBe('내일');
    expect(spliced('오늘', 99, '도')).toBe('오늘도');
  });
});

test('half characters are replaced, whole ones stay', () => {
  expect(wellFormed('가🌙나')).toBe('가🌙나');
  expect(wellFormed('가\ud83c')).toBe('가\ufffd');
  expect(wellFormed('\udf19가\ud83c\ud83c\udf19')).toBe('\ufffd가\ufffd🌙');
});

describe('sentences', () => {
  test('joined they are the text, whatever the text', () => {
    for (const text of [
      '',
      '네.',
      '하나. 둘? 셋!',
      '3.5점이에요. 네',
      '줄\n바꿈',
      '…그래요... 네?!',
      '"왔구나." 하고',
    ]) {
      expect(sentences(text).join('')).toBe(text);
    }
  });

  test('a number is no end', () => {
    expect(sentences('3.5점이에요. 네.')).toEqual(['3.5점이에요.', ' 네.']);
  });

  test('the last one is told when its stop has come, or when the answer is over', () => {
    expect(finishedSentences('첫 문장이에요. 둘째는 아직', false)).toEqual(['첫 문장이에요.']);
    expect(finishedSentences('첫 문장이에요. 둘째는 아직', true)).toEqual(['첫 문장이에요.', '둘째는 아직']);
    expect(finishedSentences('첫 문장이에요.', false)).toEqual(['첫 문장이에요.']);
  });
});

test('the face is that of the last cue the caption has reached', () => {
  const cues = [
    { signal: 'nod', at: 0 },
    { signal: 'smile', at: 10 },
  ];
  expect(signalAt(cues, 9)).toBe('nod');
  expect(signalAt(cues, 10)).toBe('smile');
  expect(signalAt([], 10)).toBeNull();
});

test('the caption never overtakes the text and always arrives', () => {
  let position = 0;
  for (let frame = 0; frame < 600 && position < 400; frame += 1) {
    const next = nextPosition(position, 400, 1 / 60);
    expect(next).toBeGreaterThan(position);
    expect(next).toBeLessThanOrEqual(400);
    position = next;
  }
  expect(position).toBe(400);
});
