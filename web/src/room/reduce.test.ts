import { describe, expect, test } from 'vitest';
import type { Push } from '../session/shapes';
import { lineAt } from './lines';
import { hasOlder, reduceAll } from './reduce';
import {
  ASKED,
  asked,
  chat,
  delta,
  entered,
  published,
  replied,
  roomAfter,
  SNAPSHOT,
  texts,
} from './scripted';
import { mayAt_ms, secondsLeft } from './slow-mode';
import type { RoomEvent } from './state';

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
