import { createElement } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { expect, test } from 'vitest';
import type { ReplyLine } from '../room/state';
import { words } from '../words/ko';
import { Answer } from './chat-line';
import { ViewerCount } from './labels';

const answer = (cut: string | null) => {
  const line: ReplyLine = {
    kind: 'reply',
    key: 'reply/t_1/3',
    offset: 3,
    reply: 't_1',
    persona: 'oh-yul',
    turnKind: 'answers',
    withdrawn: null,
    reasons: [],
    text: '제 생각에는',
    voice: 'builtin',
    cut,
    ts: 1,
    quotes: [],
  };
  return renderToStaticMarkup(createElement(Answer, { line, persona: undefined, name: '오율' }));
};

test('only an answer of which half is missing is told to have stopped midway', () => {
  expect(answer('interrupted')).toContain(words.cuts.interrupted);
  expect(answer('preempted')).toContain(words.cuts.preempted);
  expect(answer('unavailable')).not.toContain('answer-cut');
  expect(answer(null)).not.toContain('answer-cut');
});

test('only a room in which nothing was ever said waits for its first guest', () => {
  const empty = (isNew: boolean) => renderToStaticMarkup(createElement(ViewerCount, { viewers: 0, isNew }));
  expect(empty(true)).toContain(words.watchingFirst);
  expect(empty(false)).toContain(words.watchingNobody);
});
