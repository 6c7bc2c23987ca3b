import { createElement } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { expect, test } from 'vitest';
import { EMPTY_ROOM, type PollSeen, type RoomState, type StoryOnAir } from '../room/state';
import { type DeskState, NOTHING_TOLD } from '../room/story-desk';
import { words } from '../words/ko';
import { Program } from './program';

const POLL: PollSeen = {
  poll: 'p_1',
  question: '누구의 말이 도움이 됐나요?',
  options: ['홍세현', '오율'],
  closes_ms: null,
  about: 'panel',
  votes: [1, 3],
  isOpen: true,
};
const STORY: StoryOnAir = {
  story: 's_1',
  title: '결혼 이야기만 나오면 피해요',
  text: '만난 지 3년 됐어요. '.repeat(20),
  nick: '',
  isAnonymous: true,
  stage: 'dating',
  isPanel: true,
  offset: 4,
};

const shown = (room: Partial<RoomState>, own: Partial<DeskState> = {}) =>
  renderToStaticMarkup(
    createElement(Program, {
      room: { ...EMPTY_ROOM, ...room },
      link: null,
      desk: null,
      own: { ...NOTHING_TOLD, ...own },
    }),
  );

test('while nothing is on it takes no room', () => {
  expect(shown({})).toBe('');
  expect(shown({ retracted: { 4: 'teller' }, story: STORY })).toBe('');
});

test('an open poll can be voted in, and shows how the votes stand', () => {
  const page = shown({ poll: POLL, vote: { poll: 'p_1', choice: 1, status: 'sending' } });
  expect(page).toContain('75%');
  expect(page.match(/aria-pressed="true"/g)).toHaveLength(1);
  expect(page).not.toContain(words.pollWinner);
});

test('a vote that was not taken is not shown as one', () => {
  const page = shown({ poll: POLL, vote: { poll: 'p_1', choice: 1, status: 'failed' } });
  expect(page).not.toContain('aria-pressed="true"');
  expect(page).toContain(words.pollFailed);
});

test('a poll that is over shows who won, and takes no more votes', () => {
  const page = shown({ poll: { ...POLL, isOpen: false } });
  expect(page).toContain(words.pollWinner);
  expect(page).not.toContain('aria-pressed');
  expect(shown({ poll: { ...POLL, isOpen: false, votes: [0, 0] } })).not.toContain(words.pollWinner);
  expect(shown({ poll: { ...POLL, isOpen: false }, story: STORY })).not.toContain(words.pollWinner);
});

test('the open story stands with its title, without a name when it is anonymous, and can be unfolded', () => {
  const page = shown({ story: STORY });
  expect(page).toContain(STORY.title);
  expect(page).toContain(words.storyTeller(''));
  expect(page).toContain('aria-expanded="false"');
  expect(shown({ story: { ...STORY, text: '짧은 사연' } })).not.toContain('aria-expanded');
});

test('the teller alone is told that the story is theirs', () => {
  expect(shown({ story: STORY })).not.toContain(words.storyOpened);
  expect(shown({ story: STORY })).not.toContain(words.storyWithdraw);
  const mine = shown({ story: STORY }, { opened: 's_1', told: ['s_1'] });
  expect(mine).toContain(words.storyOpened);
  expect(mine).toContain(words.storyWithdraw);
});
