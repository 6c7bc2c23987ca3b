import { expect, test } from 'vitest';
import type { Deed, Durable, Floor, Push, Snapshot } from '../session/shapes';
import { hasOlder, reduce, reduceAll } from './reduce';
import { pinnedNow, storyNow } from './show';
import { EMPTY_ROOM, type RoomState } from './state';

/** Seeds that once failed stay here for ever, with a line on what they found. */
const SEEDS = Array.from({ length: 120 }, (_, index) => index + 1);

/** mulberry32: small, seeded, good enough to shuffle a show. */
function dice(seed: number): (sides: number) => number {
  let a = seed;
  return (sides) => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((((t ^ (t >>> 14)) >>> 0) / 4294967296) * sides) | 0;
  };
}

const PERSONAS = ['hong-sehyeon', 'oh-yul', 'kim-chungi'].map((id) => ({ id, name: id }));
const PHASES = ['chatting', 'story', 'panel', 'poll', 'break', 'closing'];
const LETTERS = Array.from('가나다라마바사🌙 아자차.?');

/** A server as the protocol describes it: a log, a floor, and one viewer whose line is cut and mended at random. */
class Show {
  readonly log: Durable[] = [];
  floor: Floor | null = null;
  slow_s = 0;
  phase = 'chatting';
  onAir = PERSONAS.map(({ id }) => id);
  poll: Snapshot['poll'] = null;
  pinned: Snapshot['pinned'] = null;
  story: Snapshot['story'] = null;
  private storyAt = 0;
  private turns = 0;
  constructor(private readonly roll: (sides: number) => number) {}

  append(push: Push): Durable {
    const event = { offset: this.log.length + 1, push };
    this.log.push(event);
    return event;
  }

  /** Something of the show, for which no persona needs the floor. */
  private deed(): Push {
    const { roll } = this;
    const at = this.log.length + 1;
    const show = (deed: Deed): Push => ({ t: 'show', ts: 1, ...deed });
    switch (roll(8)) {
      case 0: {
        const was = this.phase;
        this.phase = PHASES[roll(PHASES.length)] ?? '';
        if (!['story', 'panel', 'poll'].includes(this.phase)) this.story = null;
        return show({ what: 'phase', phase: this.phase, was });
      }
      case 1: {
        const persona = PERSONAS[roll(PERSONAS.length)]?.id ?? '';
        const isLeaving = this.onAir.includes(persona);
        const next = new Set(
          isLeaving ? this.onAir.filter((id) => id !== persona) : [...this.onAir, persona],
        );
        this.onAir = PERSONAS.map(({ id }) => id).filter((id) => next.has(id));
        return show({ what: isLeaving ? 'left' : 'entered', persona });
      }
      case 2: {
        if (this.poll !== null) {
          const poll = { ...this.poll, closes_ms: null, votes: [roll(9), roll(9)] };
          this.poll = null;
          return show({ what: 'poll_closed', poll });
        }
        this.poll = {
          ...{ poll: `p_${at}`, question: '?', options: ['가', '나'] },
          ...{ closes_ms: null, about: '', votes: [0, 0] },
        };
        return show({ what: 'poll_opened', poll: this.poll });
      }
      case 3: {
        const of = 1 + roll(at);
        this.pinned = roll(2) === 0 ? null : { text: `p${at}`, nick: '', of: this.isTaken(of) ? 0 : of };
        if (this.pinned === null) return show({ what: 'unpinned' });
        return show({ what: 'pinned', pinned: this.pinned });
      }
      case 4: {
        this.storyAt = at;
        this.story = {
          ...{ story: `s_${at}`, title: `title ${at}`, text: 'text', nick: '' },
          ...{ isAnonymous: true, stage: 'some', isPanel: false },
        };
        return { t: 'story', ts: 1, ...this.story };
      }
      case 5: {
        const said = this.log.filter(({ push }) => push.t === 'chat' || push.t === 'donation');
        const isTeller = this.story !== null && roll(2) === 0;
        const of = isTeller ? this.storyAt : said[roll(said.length)]?.offset;
        if (of === undefined) return show({ what: 'notice' });
        if (isTeller) this.story = null;
        if (this.pinned?.of === of) this.pinned = null;
        return { t: 'retract', of, by: isTeller ? 'teller' : 'operator' };
      }
      case 6:
        return {
          ...{ t: 'donation', id: `d_${at}`, viewer: 'v_c', nick: '별' },
          ...{ amount: 1000, currency: 'KRW', text: `d${at}`, ts: 1 },
        };
      default:
        return show({ what: roll(2) === 0 ? 'notice' : 'other' });
    }
  }

  isTaken(offset: number): boolean {
    return this.log.some(({ push }) => push.t === 'retract' && push.of === offset);
  }

  /** What the room does next: pushes in order, durable ones with their offset. */
  step(): { offset: number | null; push: Push }[] {
    const { roll } = this;
    if (roll(25) === 0) {
      const was_s = this.slow_s;
      this.slow_s = [0, 0, 2, 10, 120][roll(5)] ?? 0;
      return [this.append({ t: 'show', what: 'slow', slow_s: this.slow_s, was_s, ts: 1 })];
    }
    if (roll(5) === 0) return [this.append(this.deed())];
    if (roll(15) === 0 && this.poll) {
      const votes = [roll(50), roll(50)];
      this.poll = { ...this.poll, votes };
      return [{ offset: null, push: { t: 'tally', poll: this.poll.poll, votes } }];
    }
    if (this.floor === null && roll(3) > 0) {
      const id = `m_${this.log.length}`;
      return [this.append({ t: 'chat', id, viewer: 'v_b', nick: '우산', badges: [], text: id, ts: 1 })];
    }
    if (this.floor === null) {
      this.turns += 1;
      this.floor = {
        reply: `t_${this.turns}`,
        persona: 'oh-yul',
        kind: 'answers',
        text: '',
        cues: [],
        answers: [this.log.length],
        why: 'talk',
        reasons: [
          { of: this.log.length, why: 'talk', waited_s: this.turns, alike: [], people: 1, isFirst: false },
        ],
        story: null,
      };
      const { text, cues, ...asked } = this.floor;
      return [this.append({ t: 'asked', ...asked })];
    }
    const { reply, persona, kind, cues } = this.floor;
    if (roll(9) === 0) {
      const { text } = this.floor;
      this.floor = null;
      return [
        this.append({ t: 'reply', reply, persona, kind, text, cues, voice: 'builtin', cut: null, ts: 1 }),
      ];
    }
    if (roll(20) === 0) this.floor = { ...this.floor, text: '', cues: [] }; // A new owner speaks it anew.
    const at = Array.from(this.floor.text).length;
    const piece = Array.from({ length: 1 + roll(5) }, () => LETTERS[roll(LETTERS.length)]).join('');
    const cue = roll(4) === 0 ? { signal: 'nod', at } : null;
    this.floor = {
      ...this.floor,
      text: this.floor.text + piece,
      cues: cue ? [...this.floor.cues, cue] : this.floor.cues,
    };
    return [{ offset: null, push: { t: 'delta', reply, at, text: piece, cue } }];
  }

  snapshot(): Snapshot {
    return {
      title: '방',
      personas: PERSONAS,
      show: 'live',
      phase: this.phase,
      onAir: this.onAir,
      poll: this.poll,
      pinned: this.pinned,
      story: this.story,
      storiesWaiting: 0,
      viewers: 1,
      reply: this.floor,
      maxChars: 300,
      slow_s: this.slow_s,
    };
  }
}

/** What leaves a line. */
const isSeen = (push: Push) =>
  push.t === 'show' ? push.what !== 'other' : push.t !== 'asked' && push.t !== 'retract';

/** The page shows what the show is. */
function expectSame(room: RoomState, show: Show): void {
  expect(room).toMatchObject({ slow_s: show.slow_s, phase: show.phase, onAir: show.onAir });
  expect(room.poll?.isOpen ? room.poll : null).toEqual(show.poll && { ...show.poll, isOpen: true });
  expect(pinnedNow(room)).toEqual(show.pinned);
  expect(storyNow(room)?.story).toBe(show.story?.story);
}

/** Every line of the log in order; nothing of what was taken back; every answer with its reason. */
function expectWhole(room: RoomState, show: Show): void {
  const seen = show.log.filter(({ push }) => isSeen(push)).map(({ offset }) => offset);
  expect(room.lines.map((line) => line.offset)).toEqual(seen);
  for (const line of room.lines) {
    if (line.kind === 'chat' || line.kind === 'donation' || line.kind === 'story')
      expect([line.text === '', line.withdrawn !== null]).toEqual(Array(2).fill(show.isTaken(line.offset)));
    if (line.kind !== 'reply') continue;
    const asked = show.log.find(({ push }) => push.t === 'asked' && push.reply === line.reply)?.push;
    if (asked?.t !== 'asked') throw new Error('an answer that nobody asked for');
    if (line.withdrawn !== null) {
      expect([line.text, asked.answers.some((of) => show.isTaken(of))]).toEqual(['', true]);
      continue;
    }
    expect(line.reasons).toEqual(asked.reasons);
    expect(line.quotes.some(({ of }) => show.isTaken(of))).toBe(false);
  }
}

test.each(SEEDS)(
  'seed %i: whatever is cut, doubled or paged, the page shows the log and the speech',
  (seed) => {
    const roll = dice(seed);
    const show = new Show(roll);
    let room: RoomState = EMPTY_ROOM;
    let isIn = false;
    let position = 0;
    let pages = 0;
    let cuts = 0;

    const hear = ({ offset, push }: { offset: number | null; push: Push }) => {
      room = reduce(room, { type: 'published', offset, push });
      if (offset !== null) position = offset;
    };
    const enter = () => {
      const recovered = position > 0 && roll(4) > 0;
      const offset = show.log.length;
      room = reduce(room, { type: 'entered', snapshot: show.snapshot(), offset, epoch: 'e1', recovered });
      if (recovered) for (const event of show.log.slice(position)) hear(event);
      room = reduce(room, { type: 'floor_told', floor: show.floor });
      position = show.log.length;
      isIn = true;
    };
    const page = () => {
      if (!isIn || !hasOlder(room)) return;
      const before = room.from;
      const limit = 1 + roll(6);
      const events = show.log.filter((event) => event.offset < before).slice(-limit);
      room = reduce(room, { type: 'paged', before, first: events[0]?.offset ?? null, events });
      pages += 1;
    };

    for (let i = roll(30); i > 0; i -= 1) show.step();
    enter();
    for (let i = 0; i < 200; i += 1) {
      const heard = show.step();
      if (isIn) for (const event of heard) hear(event);
      if (isIn && roll(8) === 0)
        for (const event of heard.filter(({ offset }) => offset !== null)) hear(event);
      if (isIn && roll(30) === 0) {
        isIn = false;
        cuts += 1;
      } else if (!isIn && roll(4) === 0) enter();
      if (roll(6) === 0) page();
      if (roll(40) === 0) room = reduce(room, { type: 'trimmed', keep: 5 });
      if (isIn) expectSame(room, show);
      if (isIn && show.floor !== null)
        expect(room.turn).toMatchObject({ reply: show.floor.reply, text: show.floor.text });
      if (isIn && show.floor === null && room.turn !== null) expect(room.turn.isOver).toBe(true);
    }
    if (!isIn) enter();
    while (hasOlder(room)) page();

    expectWhole(room, show);
    expect(room.lines.length).toBeGreaterThan(5);
    expect(pages + cuts).toBeGreaterThan(0);
  },
);

test.each(SEEDS)(
  'seed %i: in whatever order the log comes, and however often, the page ends the same',
  (seed) => {
    const roll = dice(seed);
    const show = new Show(roll);
    for (let i = 0; i < 200; i += 1) show.step();
    const published = ({ offset, push }: Durable) => ({ type: 'published' as const, offset, push });
    const empty = { ...new Show(roll).snapshot(), reply: null };
    const inside = reduce(EMPTY_ROOM, {
      type: 'entered',
      snapshot: empty,
      offset: 0,
      epoch: 'e1',
      recovered: false,
    });
    const tallies = show.poll ? [{ type: 'published' as const, offset: null, push: tallyOf(show.poll) }] : [];

    const shuffled = show.log.flatMap((event) => (roll(4) === 0 ? [event, event] : [event]));
    for (let i = shuffled.length - 1; i > 0; i -= 1) {
      const other = Math.max(0, i - roll(9));
      const [a, b] = [shuffled[i], shuffled[other]];
      if (a && b) [shuffled[i], shuffled[other]] = [b, a];
    }
    expect(shuffled.map(({ offset }) => offset)).not.toEqual(show.log.map(({ offset }) => offset));
    const room = reduceAll(inside, [...shuffled.map(published), ...tallies]);
    expectSame(room, show);
    expectWhole(room, show);
    expect(room.turn === null || room.turn.isOver || room.turn.reply === show.floor?.reply).toBe(true);
  },
);

const tallyOf = ({ poll, votes }: { poll: string; votes: readonly number[] }): Push => ({
  t: 'tally',
  poll,
  votes,
});
