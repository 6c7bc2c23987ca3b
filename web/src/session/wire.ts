/**
 * Owns the shapes that come over the wire and their reading. Knows nothing of sockets or React.
 * A reader returns null for what it does not know, so a newer server never breaks an older page.
 */

export type Voice = 'builtin' | 'openai';

/** A change of face. `at` is a position in the answer, in Unicode code points. */
export interface Cue {
  readonly signal: string;
  readonly at: number;
}

export interface PersonaRef {
  readonly id: string;
  readonly name: string;
  readonly role?: string;
}

export interface Persona {
  readonly id: string;
  readonly name: string;
  readonly name_latin: string;
  readonly age: number;
  readonly mbti: string;
  readonly role: string;
  readonly tagline: string;
  readonly intro: string;
  readonly voice: string;
  readonly faces: Readonly<Record<string, string>>;
  readonly colour: string;
}

export interface Room {
  readonly id: string;
  readonly title: string;
  readonly personas: readonly PersonaRef[];
  readonly show: string;
  /** null: nobody knows at the moment. */
  readonly viewers: number | null;
  readonly last_offset: number;
}

/** Who is being answered right now, as told to somebody who has just come in. */
export interface Floor {
  readonly reply: string;
  readonly persona: string;
  readonly text: string;
  readonly cues: readonly Cue[];
  readonly answers: readonly number[];
  readonly why: string;
}

export interface Snapshot {
  readonly title: string;
  readonly personas: readonly PersonaRef[];
  readonly show: string;
  readonly viewers: number | null;
  readonly reply: Floor | null;
  readonly maxChars: number;
  /** Slow mode: seconds between two lines of one viewer; 0: off. */
  readonly slow_s: number;
}

export interface ChatPush {
  readonly t: 'chat';
  readonly id: string;
  readonly viewer: string;
  readonly nick: string;
  readonly badges: readonly string[];
  readonly text: string;
  readonly ts: number;
}

export interface AskedPush {
  readonly t: 'asked';
  readonly reply: string;
  readonly persona: string;
  readonly answers: readonly number[];
  readonly why: string;
}

export interface DeltaPush {
  readonly t: 'delta';
  readonly reply: string;
  /** Where the piece belongs, in code points; 0 starts the answer anew. */
  readonly at: number;
  readonly text: string;
  readonly cue: Cue | null;
}

export interface ReplyPush {
  readonly t: 'reply';
  readonly reply: string;
  readonly persona: string;
  readonly text: string;
  readonly cues: readonly Cue[];
  readonly voice: string;
  readonly cut: string | null;
  readonly ts: number;
}

export interface ShowPush {
  readonly t: 'show';
  readonly what: string;
  /** With `slow`: the interval from now on, and the one before. */
  readonly slow_s: number;
  readonly was_s: number;
  readonly ts: number;
}

export interface CountPush {
  readonly t: 'count';
  readonly viewers: number | null;
}

export type Push = ChatPush | AskedPush | DeltaPush | ReplyPush | ShowPush | CountPush;

/** One durable event: its place in the room's log and what happened. */
export interface Durable {
  readonly offset: number;
  readonly push: Push;
}

type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null;
const text = (value: unknown): string => (typeof value === 'string' ? value : '');
const count = (value: unknown): number => (typeof value === 'number' && Number.isFinite(value) ? value : 0);
const countOrNull = (value: unknown): number | null => (typeof value === 'number' ? value : null);
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const numbers = (value: unknown): number[] => list(value).filter((item) => typeof item === 'number');
const strings = (value: unknown): string[] => list(value).filter((item) => typeof item === 'string');

function readCue(value: unknown): Cue | null {
  if (!isFields(value) || typeof value.signal !== 'string') return null;
  return { signal: value.signal, at: count(value.at) };
}

function readCues(value: unknown): Cue[] {
  return list(value)
    .map(readCue)
    .filter((cue) => cue !== null);
}

function readPersonaRefs(value: unknown): PersonaRef[] {
  return list(value)
    .filter(isFields)
    .map((ref) => ({ id: text(ref.id), name: text(ref.name), role: text(ref.role) }));
}

/** In how many ms a server that is about to end wants us back; null when the message says something else. */
export function readGoaway(value: unknown): number | null {
  if (!isFields(value) || value.t !== 'goaway') return null;
  return Math.max(0, count(value.reconnect_ms));
}

/** A publication's `data`, or null when its type is not known here. */
export function readPush(value: unknown): Push | null {
  if (!isFields(value)) return null;
  switch (value.t) {
    case 'chat':
      return {
        t: 'chat',
        id: text(value.id),
        viewer: text(value.viewer),
        nick: text(value.nick),
        badges: strings(value.badges),
        text: text(value.text),
        ts: count(value.ts),
      };
    case 'asked':
      return {
        t: 'asked',
        reply: text(value.reply),
        persona: text(value.persona),
        answers: numbers(value.answers),
        why: text(value.why),
      };
    case 'delta':
      return {
        t: 'delta',
        reply: text(value.reply),
        at: count(value.at),
        text: text(value.text),
        cue: readCue(value.cue),
      };
    case 'reply':
      return {
        t: 'reply',
        reply: text(value.reply),
        persona: text(value.persona),
        text: text(value.text),
        cues: readCues(value.cues),
        voice: text(value.voice),
        cut: text(value.cut) || null,
        ts: count(value.ts),
      };
    case 'show':
      return {
        t: 'show',
        what: text(value.what),
        slow_s: count(value.slow_s),
        was_s: count(value.was_s),
        ts: count(value.ts),
      };
    case 'count':
      return { t: 'count', viewers: countOrNull(value.viewers) };
    default:
      return null;
  }
}

export function readSnapshot(value: unknown): Snapshot {
  const fields = isFields(value) ? value : {};
  const rules = isFields(fields.rules) ? fields.rules : {};
  const reply = isFields(fields.reply) ? fields.reply : null;
  return {
    title: text(fields.title),
    personas: readPersonaRefs(fields.personas),
    show: text(fields.show) || 'live',
    viewers: countOrNull(fields.viewers),
    maxChars: count(rules.max_chars) || 300,
    slow_s: count(rules.slow_s),
    reply: reply && {
      reply: text(reply.reply),
      persona: text(reply.persona),
      text: text(reply.text),
      cues: readCues(reply.cues),
      answers: numbers(reply.answers),
      why: text(reply.why),
    },
  };
}

export function readRooms(value: unknown): Room[] {
  return list(isFields(value) ? value.rooms : null)
    .filter(isFields)
    .map((room) => ({
      id: text(room.id),
      title: text(room.title),
      personas: readPersonaRefs(room.personas),
      show: text(room.show),
      viewers: countOrNull(room.viewers),
      last_offset: count(room.last_offset),
    }));
}

export function readPersonas(value: unknown): Persona[] {
  return list(isFields(value) ? value.personas : null)
    .filter(isFields)
    .map((persona) => ({
      id: text(persona.id),
      name: text(persona.name),
      name_latin: text(persona.name_latin),
      age: count(persona.age),
      mbti: text(persona.mbti),
      role: text(persona.role),
      tagline: text(persona.tagline),
      intro: text(persona.intro),
      voice: text(persona.voice),
      faces: isFields(persona.faces) ? (persona.faces as Record<string, string>) : {},
      colour: text(persona.colour) || '#8a5a7a',
    }));
}

/** A page of the log, ascending. Events of unknown type keep their offset, with push null. */
export function readPage(value: unknown): { offsets: number[]; events: Durable[] } {
  const offsets: number[] = [];
  const events: Durable[] = [];
  for (const item of list(isFields(value) ? value.events : null)) {
    if (!isFields(item) || typeof item.offset !== 'number') continue;
    offsets.push(item.offset);
    const push = readPush(item.data);
    if (push) events.push({ offset: item.offset, push });
  }
  return { offsets, events };
}
