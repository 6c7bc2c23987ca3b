import { expect, test } from 'vitest';
import { storyRefusalWords, words } from './ko';

const REASON = { of: 1, why: 'question', waited_s: 0, alike: [], people: 1, isFirst: false };

test('why a line was chosen, in the words of the room', () => {
  expect(words.reasonOf({ ...REASON, waited_s: 40 })).toEqual(['질문', '40초 기다림']);
  expect(words.reasonOf({ ...REASON, people: 12 })).toEqual(['질문', '12명이 같은 걸 물었어요']);
  expect(words.reasonOf({ ...REASON, why: 'talk', people: 2 })).toEqual([
    '이야기',
    '2명이 같은 이야기를 했어요',
  ]);
  expect(words.reasonOf({ ...REASON, why: 'paid', isFirst: true })).toEqual(['후원 메시지', '처음 온 분']);
  expect(words.reasonOf({ ...REASON, why: 'wish', waited_s: 150 })).toEqual([
    '진행자가 골랐어요',
    '3분 기다림',
  ]);
});

test('a reason of a later version says what it can', () => {
  expect(words.reasonOf({ ...REASON, why: 'horoscope' })).toEqual([]);
  expect(words.reasonOf({ ...REASON, why: 'horoscope', waited_s: 20 })).toEqual(['20초 기다림']);
});

test('every refusal of a story has kind words, known or not', () => {
  for (const code of [0, 1, 100, 106, 107, 111, 401, 404, 407, 999])
    expect(storyRefusalWords(code)).not.toBe('');
});
