/**
 * Owns the reading of what comes over the wire. Knows nothing of sockets or React; never throws.
 * A reader returns null for what it does not know, so a newer server never breaks an older page.
 */
import type {
  Asked,
  Cue,
  Deed,
  Durable,
  Memories,
  OwnStory,
  Persona,
  PersonaRef,
  Pinned,
  Poll,
  Push,
  Reason,
  Room,
  Snapshot,
  Story,
} from './shapes';

type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null;
const text = (value: unknown): string => (typeof value === 'string' ? value : '');
const count = (value: unknown): number => (typeof value === 'number' && Number.isFinite(value) ? value : 0);
const countOrNull = (value: unknown): number | null => (typeof value === 'number' ? value : null);
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const numbers = (value: unknown): number[] => list(value).filter((item) => typeof item === 'number');
const textOrNull = (value: unknown): string | null => text(value) || null;
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

function readReason(reason: Fields): Reason {
  return {
    of: count(reason.of),
    why: text(reason.why),
    waited_s: count(reason.waited_s),
    alike: numbers(reason.alike),
    people: count(reason.people),
    isFirst: reason.first === true,
  };
}

function readAsked(asked: Fields): Asked {
  return {
    reply: text(asked.reply),
    persona: text(asked.persona),
    kind: text(asked.kind) || 'answers',
    answers: numbers(asked.answers),
    why: text(asked.why),
    reasons: list(asked.reasons).filter(isFields).map(readReason),
    story: textOrNull(asked.story),
  };
}

function readStory(story: Fields): Story {
  return {
    story: text(story.story),
    title: text(story.title),
    text: text(story.text),
    nick: text(story.nick),
    isAnonymous: story.anonymous === true,
    stage: text(story.stage),
    isPanel: story.panel === true,
  };
}

function readPoll(poll: Fields): Poll {
  const options = strings(poll.options);
  const votes = numbers(poll.votes);
  return {
    poll: text(poll.poll),
    question: text(poll.question),
    options,
    closes_ms: countOrNull(poll.closes_ms),
    about: text(poll.about),
    votes: options.map((_, choice) => votes[choice] ?? 0),
  };
}

function readPinned(pinned: Fields): Pinned {
  return { text: text(pinned.text), nick: text(pinned.nick), of: count(pinned.of) };
}

function readDeed(show: Fields): Deed {
  switch (show.what) {
    case 'opened':
    case 'closed':
    case 'notice':
    case 'unpinned':
      return { what: show.what };
    case 'slow':
      return { what: 'slow', slow_s: count(show.slow_s), was_s: count(show.was_s) };
    case 'phase':
      return { what: 'phase', phase: text(show.phase), was: text(show.was) };
    case 'entered':
    case 'left':
      return { what: show.what, persona: text(show.persona) };
    case 'poll_opened':
    case 'poll_closed':
      return { what: show.what, poll: readPoll(show) };
    case 'pinned':
      return { what: 'pinned', pinned: readPinned(show) };
    default:
      return { what: 'other' };
  }
}

/** The story that has just come on air, told to its teller alone; null when the message says something else. */
export function readStoryOpened(value: unknown): string | null {
  if (!isFields(value) || value.t !== 'story_opened') return null;
  return text(value.story);
}

/** In how many ms a server that is about to end wants us back; null when the message says something else. */
export function readGoaway(value: unknown): number | null {
  if (!isFields(value) || value.t !== 'goaway') return null;
  return Math.max(0, count(value.reconnect_ms));
}

function readCounts(value: unknown): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const [kind, came] of Object.entries(isFields(value) ? value : {})) {
    if (count(came) > 0) counts[kind] = count(came);
  }
  return counts;
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
      return { t: 'asked', ...readAsked(value) };
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
        kind: text(value.kind) || 'answers',
        text: text(value.text),
        cues: readCues(value.cues),
        voice: text(value.voice),
        cut: textOrNull(value.cut),
        ts: count(value.ts),
      };
    case 'story':
      return { t: 'story', ...readStory(value), ts: count(value.ts) };
    case 'donation':
      return {
        t: 'donation',
        id: text(value.id),
        viewer: text(value.viewer),
        nick: text(value.nick),
        amount: count(value.amount),
        currency: text(value.currency),
        text: text(value.text),
        ts: count(value.ts),
      };
    case 'retract':
      return { t: 'retract', of: count(value.of), by: text(value.by) };
    case 'show':
      return { t: 'show', ts: count(value.ts), ...readDeed(value) };
    case 'count':
      return { t: 'count', viewers: countOrNull(value.viewers) };
    case 'react':
      return { t: 'react', counts: readCounts(value.counts) };
    case 'tally':
      return { t: 'tally', poll: text(value.poll), votes: numbers(value.votes) };
    case 'queue':
      return { t: 'queue', stories: count(value.stories) };
    default:
      return null;
  }
}

export function readSnapshot(value: unknown): Snapshot {
  const fields = isFields(value) ? value : {};
  const rules = isFields(fields.rules) ? fields.rules : {};
  const { reply, poll, pinned, story } = fields;
  const personas = readPersonaRefs(fields.personas);
  return {
    title: text(fields.title),
    personas,
    show: text(fields.show) || 'live',
    phase: text(fields.phase),
    onAir: Array.isArray(fields.on_air) ? strings(fields.on_air) : personas.map(({ id }) => id),
    viewers: countOrNull(fields.viewers),
    maxChars: count(rules.max_chars) || 300,
    slow_s: count(rules.slow_s),
    reply: isFields(reply)
      ? { ...readAsked(reply), text: text(reply.text), cues: readCues(reply.cues) }
      : null,
    poll: isFields(poll) ? readPoll(poll) : null,
    pinned: isFields(pinned) ? readPinned(pinned) : null,
    story: isFields(story) ? readStory(story) : null,
    storiesWaiting: count(fields.stories_waiting),
  };
}

/** The answer to `stories`: the viewer's own ones of a room. */
export function readOwnStories(value: unknown): OwnStory[] {
  return list(isFields(value) ? value.stories : null)
    .filter(isFields)
    .map((story) => ({
      story: text(story.story),
      title: text(story.title),
      status: text(story.status),
      place: count(story.place),
    }));
}

/** The answer to `memory.list`. */
export function readMemories(value: unknown): Memories {
  const fields = isFields(value) ? value : {};
  return {
    hasConsent: fields.consent === true,
    memories: list(fields.memories)
      .filter(isFields)
      .map((memory) => ({
        memory: text(memory.memory),
        persona: text(memory.persona),
        kind: text(memory.kind),
        text: text(memory.text),
        at_ms: count(memory.at_ms),
        expires_ms: count(memory.expires_ms),
      })),
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
      starts_at_ms: countOrNull(room.starts_at_ms),
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
