import { createElement } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { expect, test } from 'vitest';
import type { ChatLine, ReplyLine } from '../room/state';
import { words } from '../words/ko';
import { Answer, ShowMark, ViewerLine } from './chat-line';
import { ViewerCount } from './labels';

const answer = (cut: string | null, turnKind = 'answers') => {
  const line: ReplyLine = {
    kind: 'reply',
    key: 'reply/t_1/3',
    offset: 3,
    reply: 't_1',
    persona: 'oh-yul',
    turnKind,
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

const LINE: ChatLine = {
  kind: 'chat',
  key: 'v_a/m_1',
  offset: 1,
  id: 'm_1',
  viewer: 'v_a',
  nick: '달빛',
  badges: [],
  text: '썸인지 모르겠어요',
  ts: 1,
  withdrawn: null,
};
const viewerLine = (line: ChatLine, answering: 'chosen' | 'alike' | null) =>
  renderToStaticMarkup(createElement(ViewerLine, { line, isMine: false, answering }));

test('a line that is being answered is marked, and so is one that says the same', () => {
  expect(viewerLine(LINE, 'chosen')).toContain(words.beingAnswered);
  expect(viewerLine(LINE, 'alike')).toContain(words.answeredAlike);
  expect(viewerLine(LINE, null)).not.toContain('line-mark');
});

test('a line that was taken back says by whom, and nothing else', () => {
  const line = { ...LINE, text: '', withdrawn: 'operator' };
  expect(viewerLine(line, null)).toContain(words.withdrawn.operator);
  expect(viewerLine({ ...line, withdrawn: 'somebody' }, null)).toContain(words.withdrawnBySomebody);
});

test('a view of the panel says which round it is of', () => {
  expect(answer(null)).not.toContain('turn-label');
  expect(answer(null, 'panel')).toContain(words.turnLabels.panel);
  expect(answer(null, 'reaction')).toContain(words.turnLabels.reaction);
});

test('the result of a poll is told in the log', () => {
  const result = (votes: number[]) => {
    const poll = { poll: 'p_1', question: '?', options: ['가', '나'], closes_ms: null, about: '', votes };
    const line = { kind: 'show', key: 'show/1', offset: 1, ts: 1, what: 'poll_closed', poll } as const;
    return renderToStaticMarkup(createElement(ShowMark, { line, nameOf: () => '' }));
  };
  expect(result([1, 3])).toContain('나 75%');
  expect(result([2, 2])).toContain('가, 나');
  expect(result([0, 0])).toContain(words.pollEndedEmpty);
});
