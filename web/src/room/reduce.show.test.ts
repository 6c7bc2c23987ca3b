import { describe, expect, test } from 'vitest';
import type { AskedPush, Push } from '../session/shapes';
import { lineAt } from './lines';
import { reduceAll } from './reduce';
import { ASKED, asked, chat, delta, entered, published, replied, roomAfter, SNAPSHOT } from './scripted';
import { pinnedNow, sharesOf, storyNow, winnersOf } from './show';
import type { RoomEvent } from './state';

describe('why these lines', () => {
  const reason = { of: 1, why: 'question', waited_s: 40, alike: [], people: 12, isFirst: true };
  const why: Push = {
    ...ASKED,
    t: 'asked',
    reply: 't_1',
    persona: 'oh-yul',
    answers: [1],
    why: 'question',
    reasons: [reason],
  };

  test('stands at the stage and at the reply', () => {
    const room = roomAfter(
      entered(0),
      published(chat('질문'), 1),
      published(why, 2),
      published(replied('t_1', '답'), 3),
    );
    expect(room.turn).toMatchObject({ reasons: [reason], isOver: true });
    expect(lineAt(room.lines, 3)).toMatchObject({ reasons: [reason], quotes: [{ of: 1 }] });
  });

  test('is found when the page with the question comes after the one with the answer', () => {
    const room = roomAfter(entered(2), published(replied('t_1', '답'), 3), {
      type: 'paged',
      before: 3,
      first: 1,
      events: [
        { offset: 1, push: chat('질문') },
        { offset: 2, push: why },
      ],
    });
    expect(lineAt(room.lines, 3)).toMatchObject({ reasons: [reason], quotes: [{ text: '질문' }] });
  });

  test('is known to who enters while the answer is on its way', () => {
    const floor = {
      ...ASKED,
      reply: 't_1',
      persona: 'oh-yul',
      text: '',
      cues: [],
      answers: [1],
      why: '',
      reasons: [reason],
    };
    const room = roomAfter(entered(2), { type: 'floor_told', floor }, published(replied('t_1', '답'), 3));
    expect(lineAt(room.lines, 3)).toMatchObject({ reasons: [reason] });
  });

  test('asked that comes after its own answer does not wait for another one', () => {
    const room = roomAfter(entered(0), published(replied('t_1', '답'), 2), published(why, 1));
    expect(room.turn).toMatchObject({ text: '답', isOver: true });
    expect(lineAt(room.lines, 2)).toMatchObject({ reasons: [reason] });
  });
});

describe('what was taken back', () => {
  const retract = (of: number, by = 'teller'): Push => ({ t: 'retract', of, by });
  const donation: Push = {
    ...{ t: 'donation', id: 'd_1', viewer: 'v_b', nick: '우산' },
    ...{ amount: 5000, currency: 'KRW', text: '힘내요', ts: 1 },
  };
  const story: Push = {
    ...{ t: 'story', story: 's_1', title: '제목', text: '비밀', nick: '우산', ts: 1 },
    ...{ isAnonymous: false, stage: 'some', isPanel: false },
  };

  test('is nowhere any more: not in its line, not where it is quoted', () => {
    const room = roomAfter(
      entered(0),
      published(chat('m_1', '비밀'), 1),
      published(donation, 2),
      published(asked('t_1', [1, 2]), 3),
      published(replied('t_1', '답'), 4),
      published(retract(1), 5),
    );
    expect(lineAt(room.lines, 1)).toMatchObject({ text: '', withdrawn: 'teller' });
    expect(lineAt(room.lines, 4)).toMatchObject({ quotes: [{ of: 2, kind: 'donation' }] });
    expect(JSON.stringify(room.lines)).not.toContain('비밀');
  });

  test('a story leaves the card and the log', () => {
    const room = roomAfter(entered(0), published(story, 1), published(retract(1), 2));
    expect(storyNow(room)).toBeNull();
    expect(lineAt(room.lines, 1)).toMatchObject({ title: '', text: '', nick: '', withdrawn: 'teller' });
  });

  test('with a story go the answers that read from it, said or being said, on the stage and in the log', () => {
    const reads = (reply: string): Push => ({
      ...(asked(reply, []) as AskedPush),
      kind: 'story',
      story: 's_1',
    });
    const before = roomAfter(
      entered(0),
      published(story, 1),
      published(reads('t_1'), 2),
      published(replied('t_1', '비밀을 읽어요'), 3),
      published(reads('t_2'), 4),
      published(delta('t_2', 0, '또 비밀')),
    );
    expect(before.turn?.text).toBe('또 비밀');
    const after = reduceAll(before, [
      published(retract(1), 5),
      published(delta('t_2', 4, '을 읽어요')),
      published(replied('t_2', '또 비밀'), 6),
    ]);
    expect(after.turn).toBeNull();
    expect(lineAt(after.lines, 6)).toMatchObject({ text: '', withdrawn: 'teller' });
    expect(JSON.stringify(after.lines)).not.toContain('비밀');
  });

  test('an answer that went with its story is not what the stage shows to who comes later', () => {
    const room = roomAfter(entered(4), {
      type: 'paged',
      before: 5,
      first: 1,
      events: [
        { offset: 1, push: story },
        { offset: 2, push: { ...(asked('t_1', []) as AskedPush), kind: 'story', story: 's_1' } },
        { offset: 3, push: replied('t_1', '비밀을 읽어요') },
        { offset: 4, push: retract(1) },
      ],
    });
    expect(room.turn).toBeNull();
    expect(lineAt(room.lines, 3)).toMatchObject({ text: '', withdrawn: 'teller' });
  });

  test('an answer whose story comes with a later page goes, too', () => {
    const reads: Push = { ...(asked('t_1', []) as AskedPush), kind: 'story', story: 's_1' };
    const events = [
      { offset: 1, push: story },
      { offset: 2, push: reads },
    ];
    const room = roomAfter(
      entered(2),
      published(replied('t_1', '비밀을 읽어요'), 3),
      published(retract(1), 4),
      { type: 'paged', before: 3, first: 1, events },
    );
    expect(JSON.stringify(room.lines)).not.toContain('비밀');
  });

  test('a story that was open before we came in leaves the card, too', () => {
    const { t, ts, ...open } = story as Extract<Push, { t: 'story' }>;
    const snapshot = { ...SNAPSHOT, phase: 'story', story: open };
    const inside = roomAfter({ type: 'entered', snapshot, offset: 9, epoch: 'e1', recovered: false });
    expect(storyNow(inside)).toMatchObject({ title: '제목' });
    expect(storyNow(reduceAll(inside, [published(retract(4), 10)]))).toBeNull();
  });

  test('what is paged in later comes without its words', () => {
    const room = roomAfter(entered(3), published(retract(2, 'operator'), 4), {
      type: 'paged',
      before: 4,
      first: 1,
      events: [
        { offset: 1, push: chat('a') },
        { offset: 2, push: chat('b') },
        { offset: 3, push: retract(1) },
      ],
    });
    expect(room.lines).toMatchObject([
      { text: '', withdrawn: 'teller' },
      { text: '', withdrawn: 'operator' },
    ]);
  });

  test('pinned words that are a line go with it', () => {
    const pinned: Push = { t: 'show', what: 'pinned', pinned: { text: '비밀', nick: '달빛', of: 1 }, ts: 1 };
    const room = roomAfter(entered(0), published(chat('a'), 1), published(pinned, 2));
    expect(pinnedNow(room)?.text).toBe('비밀');
    const taken = reduceAll(room, [published(retract(1), 3)]);
    expect(pinnedNow(taken)).toBeNull();
    expect(lineAt(taken.lines, 2)).toMatchObject({ pinned: { text: '' } });
  });
});

describe('the show', () => {
  const poll = {
    poll: 'p_1',
    question: '누구?',
    options: ['가', '나'],
    closes_ms: 9,
    about: 'panel',
    votes: [0, 0],
  };
  const opened: Push = { t: 'show', what: 'poll_opened', poll, ts: 1 };
  const closed: Push = { t: 'show', what: 'poll_closed', poll: { ...poll, votes: [1, 3] }, ts: 1 };
  const phase = (name: string, was = 'chatting'): Push => ({
    t: 'show',
    what: 'phase',
    phase: name,
    was,
    ts: 1,
  });

  test('moves through its phases; the story ends with those that are about it', () => {
    const story: Push = {
      ...{ t: 'story', story: 's_1', title: '제목', text: '글', nick: '', ts: 1 },
      ...{ isAnonymous: true, stage: 'some', isPanel: true },
    };
    const room = roomAfter(entered(0), published(phase('panel'), 1), published(story, 2));
    expect(room).toMatchObject({ phase: 'panel', show: 'live', story: { offset: 2 } });
    const voting = reduceAll(room, [published(phase('poll', 'panel'), 3)]);
    expect(storyNow(voting)).not.toBeNull();
    expect(storyNow(reduceAll(voting, [published(phase('chatting', 'poll'), 4)]))).toBeNull();
    expect(reduceAll(voting, [published(phase('over'), 4)]).show).toBe('over');
  });

  test('votes are counted while the poll is open, and stay as they were closed', () => {
    const room = roomAfter(
      entered(0),
      published(opened, 1),
      published({ t: 'tally', poll: 'p_1', votes: [2] }),
    );
    expect(room.poll).toMatchObject({ isOpen: true, votes: [2, 0] });
    const over = reduceAll(room, [
      published(closed, 2),
      published({ t: 'tally', poll: 'p_1', votes: [9, 9] }),
    ]);
    expect(over.poll).toMatchObject({ isOpen: false, votes: [1, 3], about: 'panel' });
    expect(winnersOf(closed.t === 'show' && closed.what === 'poll_closed' ? closed.poll : poll)).toEqual([1]);
    expect(sharesOf({ votes: [1, 3] })).toEqual({ total: 4, percents: [25, 75] });
  });

  test('a poll that ended while we were away still shows its result', () => {
    const away = roomAfter(entered(0), published(opened, 1));
    const back = reduceAll(away, [entered(2, true), published(closed, 2)]);
    expect(back.poll).toMatchObject({ isOpen: false, votes: [1, 3] });
    expect(reduceAll(away, [entered(2)]).poll).toBeNull();
  });

  test('the own vote belongs to its poll', () => {
    const vote: RoomEvent = { type: 'voted', poll: 'p_1', choice: 1, status: 'cast' };
    expect(roomAfter(entered(0), vote).vote).toBeNull();
    const room = roomAfter(entered(0), published(opened, 1), vote);
    expect(room.vote).toMatchObject({ choice: 1 });
    const next: Push = { t: 'show', what: 'poll_opened', poll: { ...poll, poll: 'p_2' }, ts: 1 };
    expect(reduceAll(room, [published(next, 2)]).vote).toBeNull();
  });

  test('personas come and go in the order of the room', () => {
    const snapshot = {
      ...SNAPSHOT,
      personas: [
        { id: 'a', name: 'A' },
        { id: 'b', name: 'B' },
      ],
      onAir: ['a', 'b'],
    };
    const move = (what: 'entered' | 'left', persona: string): Push => ({ t: 'show', what, persona, ts: 1 });
    const inside = roomAfter({ type: 'entered', snapshot, offset: 0, epoch: 'e1', recovered: false });
    const room = reduceAll(inside, [published(move('left', 'a'), 1)]);
    expect(room.onAir).toEqual(['b']);
    expect(reduceAll(room, [published(move('entered', 'a'), 2)]).onAir).toEqual(['a', 'b']);
    expect(
      reduceAll(room, [published(move('entered', 'a'), 2), published(move('left', 'a'), 1)]).onAir,
    ).toEqual(['a', 'b']);
  });

  test('what nobody needs to know leaves no line', () => {
    const room = roomAfter(entered(0), published({ t: 'show', what: 'other', ts: 1 }, 1));
    expect(room.lines).toEqual([]);
  });

  test('reactions add up', () => {
    const react = (counts: Record<string, number>) => published({ t: 'react', counts });
    expect(roomAfter(entered(0), react({ heart: 2 }), react({ heart: 1, clap: 4 })).reactions).toEqual({
      heart: 3,
      clap: 4,
    });
  });
});
