import { expect, test } from 'vitest';
import {
  EMPTY_DRAFT,
  faultsOf,
  lengthOf,
  TEXT_LEAST,
  TEXT_MOST,
  TITLE_MOST,
  toTell,
  UNDER_AGE,
} from './story-draft';

const WHOLE = { ...EMPTY_DRAFT, title: '제목', text: '가'.repeat(TEXT_LEAST), stage: 'some', ageBand: '40+' };

test('an empty form lacks everything, in the order of its fields', () => {
  expect(faultsOf(EMPTY_DRAFT)).toEqual(['title', 'short', 'stage', 'age']);
  expect(faultsOf(WHOLE)).toEqual([]);
});

test('lengths are in characters that people see as one code point, without the space around', () => {
  expect(lengthOf('  가🌙나 ')).toBe(3);
  expect(faultsOf({ ...WHOLE, text: `${'🌙'.repeat(TEXT_LEAST - 1)}   ` })).toEqual(['short']);
  expect(faultsOf({ ...WHOLE, text: '🌙'.repeat(TEXT_MOST) })).toEqual([]);
  expect(faultsOf({ ...WHOLE, text: '🌙'.repeat(TEXT_MOST + 1) })).toEqual(['long']);
  expect(faultsOf({ ...WHOLE, title: '가'.repeat(TITLE_MOST + 1) })).toEqual(['title_long']);
});

test('stories of those under age are not taken', () => {
  expect(faultsOf({ ...WHOLE, ageBand: UNDER_AGE })).toEqual(['under_age']);
});

test('what is sent is clean and has the names of the wire', () => {
  expect(toTell({ ...WHOLE, title: ' 제목\ud83c ' }, 'room:oh-yul', 'm_1')).toEqual({
    channel: 'room:oh-yul',
    id: 'm_1',
    title: '제목\ufffd',
    text: WHOLE.text,
    stage: 'some',
    anonymous: true,
    may_clip: false,
    age_band: '40+',
  });
});
