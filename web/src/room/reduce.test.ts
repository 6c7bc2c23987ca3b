import { describe, expect, test } from 'vitest';
import type { AskedPush, Push, Snapshot } from '../session/shapes';
import { lineAt } from './lines';
import { hasOlder, reduceAll } from './reduce';
import { pinnedNow, sharesOf, storyNow, winnersOf } from './show';
import { mayAt_ms, secondsLeft } from './slow-mode';
import { EMPTY_ROOM, type RoomEvent, type RoomState } from './state';

const SNAPSHOT: Snapshot = {
  title: '방',
  personas: [],
  show: 'live',
  phase: 'chatting',
  onAir: [],
  viewers: 3,
  reply: null,
  poll: null,
  pinned: null,
  story: null,
  storiesWaiting: 0,
  maxChars: 300,
  slow_s: 0,
};

const ASKED = { kind: 'answers', reasons: [], story: null };

const entered = (offset: number, recovered = false, epoch = 'e1'): RoomEvent => ({
  type: 'entered',
  snapshot: SNAPSHOT,
  offset,
  epoch,
  recovered,
});
const chat = (id: string, text = id): Push => ({
  t: 'chat',
  id,
  viewer: 'v_a',
  nick: '달빛',
  badges: [],
  text,
  ts: 1,
});
const asked = (reply: string, answers: number[]): Push => ({
  t: 'asked',
  ...ASKED,
  reply,
  persona: 'oh-yul',
  answers,
  why: 'talk',
});
const delta = (
  reply: string,
  at: number,
  text: string,
  cue: { signal: string; at: number } | null = null,
): Push => ({
  t: 'delta',
  reply,
  at,
  text,
  cue,
});
const replied = (reply: string, text: string): Push => ({
  t: 'reply',
  reply,
  persona: 'oh-yul',
  kind: 'answers',
  text,
  cues: [],
  voice: 'builtin',
  cut: null,
  ts: 1,
});
const published = (push: Push, offset: number | null = null): RoomEvent => ({
  type: 'published',
  offset,
  push,
});
const roomAfter = (...events: RoomEvent[]): RoomState => reduceAll(EMPTY_ROOM, events);
const texts = (room: RoomState) => room.lines.map((line) => (line.kind === 'show' ? line.what : line.text));

describe('lines', () => {
  test('stand in the order of the log, each once, however often they come', () => {
    const room = roomAfter(
      entered(0),
      published(chat('a'), 1),
      published(chat('b'), 2),
      published(chat('a'), 1),
    );
    expect(texts(room)).toEqual(['a', 'b']);
  });

  test('an older page goes before those in sight', () => {
    const room = roomAfter(entered(2), published(chat('c'), 3), {
      type: 'paged',
      before: 3,
      first: 1,
      events: [
        { offset: 1, push: chat('a') },
        { offset: 2, push: chat('b') },
      ],
    });
    expect(texts(room)).toEqual(['a', 'b', 'c']);
    expect(hasOlder(room)).toBe(false);
  });

  test('a page asked for before the log was entered anew is dropped', () => {
    const room = roomAfter(entered(2), entered(9), {
      type: 'paged',
      before: 3,
      first: 1,
      events: [{ offset: 1, push: chat('a') }],
    });
    expect(texts(room)).toEqual([]);
    expect(room.from).toBe(10);
  });

  test('an entry without recovery forgets what is no longer continuous', () => {
    const room = roomAfter(entered(0), published(chat('a'), 1), entered(7));
    expect(texts(room)).toEqual([]);
    expect(hasOlder(room)).toBe(true);
  });

  test('a recovered entry keeps them', () => {
    const room = roomAfter(entered(0), published(chat('a'), 1), entered(1, true), published(chat('b'), 2));
    expect(texts(room)).toEqual(['a', 'b']);
  });

  test('after a trim the older ones can be fetched again', () => {
    const room = roomAfter(entered(0), published(chat('a'), 1), published(chat('b'), 2), {
      type: 'trimmed',
      keep: 1,
    });
    expect(texts(room)).toEqual(['b']);
    expect(room.from).toBe(2);
  });

  test('a reply quotes what it answers', () => {
    const room = roomAfter(
      entered(0),
      published(chat('질문'), 1),
      published(asked('t_1', [1]), 2),
      published(replied('t_1', '답'), 3),
    );
    expect(lineAt(room.lines, 3)).toMatchObject({ kind: 'reply', quotes: [{ nick: '달빛', text: '질문' }] });
  });
});

describe('the turn', () => {
  test('deltas joined are the answer', () => {
    const room = roomAfter(
      entered(0),
      published(asked('t_1', [])),
      published(delta('t_1', 0, '그 마음🌙 ')),
      published(delta('t_1', 6, '알아요')),
    );
    expect(room.turn).toMatchObject({ text: '그 마음🌙 알아요', length: 9, isOver: false });
  });

  test('at 0 the answer starts anew', () => {
    const room = roomAfter(
      entered(0),
      published(delta('t_1', 0, '처음부터')),
      published(delta('t_1', 0, '다시')),
    );
    expect(room.turn?.text).toBe('다시');
  });

  test('a piece that is only a cue moves no text', () => {
    const room = roomAfter(
      entered(0),
      published(delta('t_1', 0, '안녕하세요')),
      published(delta('t_1', 2, '', { signal: 'smile', at: 2 })),
    );
    expect(room.turn).toMatchObject({ text: '안녕하세요', cues: [{ signal: 'smile', at: 2 }] });
  });

  test('who enters in the middle sees the text so far and the rest once', () => {
    const floor = {
      ...ASKED,
      reply: 't_1',
      persona: 'oh-yul',
      text: '여러분, ',
      cues: [],
      answers: [1],
      why: 'talk',
    };
    const room = roomAfter(
      entered(2),
      { type: 'floor_told', floor },
      published(delta('t_1', 0, '여러분, ')),
      published(delta('t_1', 5, '쉬어 가죠.')),
    );
    expect(room.turn?.text).toBe('여러분, 쉬어 가죠.');
  });

  test('a recovered reply does not end a later turn, whose text comes with the snapshot', () => {
    const floor = { ...ASKED, reply: 't_2', persona: 'oh-yul', text: '둘째', cues: [], answers: [], why: '' };
    const room = roomAfter(
      entered(0),
      published(asked('t_1', []), 1),
      entered(1, true),
      published(replied('t_1', '첫째'), 2),
      published(asked('t_2', []), 3),
      { type: 'floor_told', floor },
      published(delta('t_2', 2, ' 답')),
    );
    expect(room.turn).toMatchObject({ reply: 't_2', text: '둘째 답', isOver: false });
  });

  test('a late piece of a whole answer changes nothing', () => {
    const room = roomAfter(
      entered(0),
      published(asked('t_1', []), 1),
      published(replied('t_1', '끝난 답'), 2),
      published(delta('t_1', 0, '끝')),
    );
    expect(room.turn).toMatchObject({ text: '끝난 답', isOver: true });
  });

  test('an earlier reply that comes again does not take the stage back', () => {
    const room = roomAfter(
      entered(0),
      published(replied('t_1', '첫째'), 1),
      published(replied('t_2', '둘째'), 2),
      published(replied('t_1', '첫째'), 1),
    );
    expect(room.turn).toMatchObject({ reply: 't_2', text: '둘째' });
  });

  test('a reply of another turn does not end the one being spoken', () => {
    const room = roomAfter(
      entered(0),
      published(delta('t_2', 0, '말하는 중')),
      published(replied('t_1', '늦게 온 답'), 1),
    );
    expect(room.turn).toMatchObject({ reply: 't_2', isOver: false });
  });

  test('a turn that ended while we were away is over', () => {
    const room = roomAfter(entered(0), published(delta('t_1', 0, '하던')), {
      type: 'floor_told',
      floor: null,
    });
    expect(room.turn?.isOver).toBe(true);
  });
});

describe("the viewer's own lines", () => {
  const said: RoomEvent = { type: 'said', id: 'm_1', viewer: 'v_a', nick: '달빛', text: '저요' };

  test('stand apart until the log has them, then once in the log', () => {
    const sent = roomAfter(entered(0), said, { type: 'accepted', id: 'm_1', at_ms: 1 });
    expect(sent.pending).toMatchObject([{ status: 'accepted' }]);
    const settled = reduceAll(sent, [published(chat('m_1', '저요'), 1)]);
    expect(settled.pending).toEqual([]);
    expect(texts(settled)).toEqual(['저요']);
    expect(settled.lines[0]?.key).toBe(sent.pending[0]?.key);
  });

  test('the acknowledgement may come after the publication', () => {
    const room = roomAfter(entered(0), said, published(chat('m_1'), 1), {
      type: 'accepted',
      id: 'm_1',
      at_ms: 1,
    });
    expect(room.pending).toEqual([]);
  });

  test('a refused one keeps its id for the next try', () => {
    const room = roomAfter(
      entered(0),
      said,
      { type: 'refused', id: 'm_1', code: 111, at_ms: 1 },
      { type: 'sent_again', id: 'm_1' },
    );
    expect(room.pending).toMatchObject([{ id: 'm_1', status: 'sending', code: null }]);
  });
});

describe('slow mode', () => {
  const slow = (slow_s: number, was_s = 0): Push => ({ t: 'show', what: 'slow', slow_s, was_s, ts: 1 });
  const said: RoomEvent = { type: 'said', id: 'm_1', viewer: 'v_a', nick: '달빛', text: '저요' };

  test('is known from the snapshot, then from the show, and stands in the log', () => {
    const snapshot = { ...SNAPSHOT, slow_s: 10 };
    const inside = roomAfter({ type: 'entered', snapshot, offset: 0, epoch: 'e1', recovered: false });
    expect(inside.slow_s).toBe(10);
    const room = reduceAll(inside, [published(slow(5, 10), 1), published(slow(0, 5), 2)]);
    expect(room.slow_s).toBe(0);
    expect(room.lines).toMatchObject([
      { kind: 'show', slow_s: 5, was_s: 10 },
      { kind: 'show', slow_s: 0, was_s: 5 },
    ]);
  });

  test('comes twice and counts once; what is paged in is history', () => {
    const room = roomAfter(
      entered(1),
      published(slow(5), 2),
      published(slow(0, 5), 3),
      published(slow(5), 2),
    );
    expect(room.slow_s).toBe(0);
    const events = [{ offset: 1, push: slow(120) }];
    expect(reduceAll(room, [{ type: 'paged', before: 2, first: 1, events }]).slow_s).toBe(0);
  });

  test('counts from the moment in which a line was taken', () => {
    const room = roomAfter(entered(0), said, { type: 'accepted', id: 'm_1', at_ms: 5_000 });
    expect(mayAt_ms(room)).toBe(0);
    expect(mayAt_ms(reduceAll(room, [published(slow(10), 1)]))).toBe(15_000);
    expect(mayAt_ms(reduceAll(room, [published(slow(10), 1), published(slow(0, 10), 2)]))).toBe(0);
  });

  test('holds the next line while the last one is on its way', () => {
    const room = roomAfter(entered(0), published(slow(10), 1), said);
    expect(mayAt_ms(room)).toBe(Number.POSITIVE_INFINITY);
    const failed = reduceAll(room, [{ type: 'refused', id: 'm_1', code: 401, at_ms: 1 }]);
    expect(mayAt_ms(failed)).toBe(0);
  });

  test('a line that came too soon holds for a moment, and no longer than slow mode lasts', () => {
    const tooSoon: RoomEvent = { type: 'refused', id: 'm_1', code: 402, at_ms: 1_000 };
    const unaware = roomAfter(entered(0), said, tooSoon);
    expect(mayAt_ms(unaware)).toBe(6_000);
    expect(mayAt_ms(roomAfter(entered(0), published(slow(2), 1), said, tooSoon))).toBe(3_000);
    expect(mayAt_ms(roomAfter(entered(0), published(slow(60), 1), said, tooSoon))).toBe(6_000);
    expect(mayAt_ms(reduceAll(unaware, [published(slow(0, 60), 1)]))).toBe(0);
  });

  test('whole seconds are left until it is time', () => {
    expect([0, 1, 999, 1_000, 1_001].map((now_ms) => secondsLeft(1_000, now_ms))).toEqual([1, 1, 1, 0, 0]);
  });
});

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
