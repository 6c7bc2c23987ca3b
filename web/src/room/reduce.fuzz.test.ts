import { expect, test } from 'vitest';
import type { Durable, Floor, Push, Snapshot } from '../session/wire';
import { hasOlder, reduce } from './reduce';
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

const LETTERS = Array.from('가나다라마바사🌙 아자차.?');

/** A server as the protocol describes it: a log, a floor, and one viewer whose line is cut and mended at random. */
class Show {
  readonly log: Durable[] = [];
  floor: Floor | null = null;
  slow_s = 0;
  private turns = 0;
  constructor(private readonly roll: (sides: number) => number) {}

  append(push: Push): Durable {
    const event = { offset: this.log.length + 1, push };
    this.log.push(event);
    return event;
  }

  /** What the room does next: pushes in order, durable ones with their offset. */
  step(): { offset: number | null; push: Push }[] {
    const { roll } = this;
    if (roll(25) === 0) {
      const was_s = this.slow_s;
      this.slow_s = [0, 0, 2, 10, 120][roll(5)] ?? 0;
      return [this.append({ t: 'show', what: 'slow', slow_s: this.slow_s, was_s, ts: 1 })];
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
        text: '',
        cues: [],
        answers: [],
        why: 'oldest',
      };
      const { reply, persona, answers, why } = this.floor;
      return [this.append({ t: 'asked', reply, persona, answers, why })];
    }
    const { reply, persona, cues } = this.floor;
    if (roll(9) === 0) {
      const { text } = this.floor;
      this.floor = null;
      return [this.append({ t: 'reply', reply, persona, text, cues, voice: 'builtin', cut: null, ts: 1 })];
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
      personas: [],
      show: 'live',
      viewers: 1,
      reply: this.floor,
      maxChars: 300,
      slow_s: this.slow_s,
    };
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
      const offset = recovered ? position : show.log.length;
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
      if (isIn) expect(room.slow_s).toBe(show.slow_s);
      if (isIn && show.floor !== null)
        expect(room.turn).toMatchObject({ reply: show.floor.reply, text: show.floor.text });
      if (isIn && show.floor === null && room.turn !== null) expect(room.turn.isOver).toBe(true);
    }
    if (!isIn) enter();
    while (hasOlder(room)) page();

    const expected = show.log.filter(({ push }) => push.t !== 'asked').map(({ offset }) => offset);
    expect(room.lines.map((line) => line.offset)).toEqual(expected);
    expect(expected.length).toBeGreaterThan(5);
    expect(pages + cuts).toBeGreaterThan(0);
  },
);
