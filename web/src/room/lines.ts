/** Owns how the log becomes lines: each event once, in order, with what an answer answers and without what was taken
 * back. Pure. */
import type { Asked, Durable } from '../session/shapes';
import type { Line, Quote, ReplyLine, StoryLine } from './state';

/** The line at an offset, or null. */
export function lineAt(lines: readonly Line[], offset: number): Line | null {
  let low = 0;
  let high = lines.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const line = lines[middle] as Line;
    if (line.offset === offset) return line;
    if (line.offset < offset) low = middle + 1;
    else high = middle - 1;
  }
  return null;
}

export function replyLine(lines: readonly Line[], reply: string): ReplyLine | null {
  const line = lines.findLast((known) => known.kind === 'reply' && known.reply === reply);
  return line?.kind === 'reply' ? line : null;
}

export const lineKey = (viewer: string, id: string) => `${viewer}/${id}`;

/**
 * Log events as lines, ascending as they are. `known`: the lines in sight, `asked`: what was asked before; a reply gets
 * its quotes and reasons from there. What leaves no line: asked, retract, and deeds that a viewer need not know of.
 */
export function toLines(
  events: readonly Durable[],
  known: readonly Line[],
  asked: readonly Asked[],
  retracted: Readonly<Record<number, string>>,
): Line[] {
  const lines: Line[] = [];
  const asks: Asked[] = [...asked];
  for (const { offset, push } of events) {
    switch (push.t) {
      case 'chat':
      case 'donation': {
        const { t, ...said } = push;
        const key = t === 'chat' ? lineKey(push.viewer, push.id) : `donation/${offset}`;
        lines.push({ ...said, kind: t, key, offset, withdrawn: null } as Line);
        break;
      }
      case 'story': {
        const { t, ...story } = push;
        lines.push({ ...story, kind: t, key: `story/${offset}`, offset, withdrawn: null });
        break;
      }
      case 'reply': {
        const { reply, persona, kind: turnKind, text, voice, cut, ts } = push;
        const key = `reply/${reply}/${offset}`;
        const ask = asks.findLast((one) => one.reply === reply) ?? null;
        lines.push({
          ...{ kind: 'reply', key, offset, withdrawn: null, reply, persona, turnKind, text, voice, cut, ts },
          ...explanation(ask, lines, known),
        });
        break;
      }
      case 'show': {
        const { t, ...deed } = push;
        if (deed.what !== 'other') lines.push({ ...deed, kind: t, key: `show/${offset}`, offset });
        break;
      }
      case 'asked':
        asks.push(push);
        break;
    }
  }
  return lines.map((line) => withdrawn(line, retracted));
}

/** Replies that came without what they answer, explained by what was asked. */
export function explained(lines: readonly Line[], asked: readonly Asked[]): readonly Line[] {
  if (asked.length === 0) return lines;
  const asks = new Map(asked.map((ask) => [ask.reply, ask]));
  let hasChanged = false;
  const next = lines.map((line) => {
    if (line.kind !== 'reply' || line.quotes.length > 0 || line.withdrawn !== null) return line;
    const ask = asks.get(line.reply);
    if (ask === undefined) return line;
    const why = explanation(ask, lines);
    if (why.quotes.length === 0 && why.withdrawn === undefined && why.reasons.length === line.reasons.length)
      return line;
    hasChanged = true;
    return { ...line, ...why };
  });
  return hasChanged ? next : lines;
}

/** What an answer answers, and why. An answer to a story that was taken back goes with it: it reads from the story. */
function explanation(
  ask: Asked | null,
  ...pools: readonly (readonly Line[])[]
): Pick<ReplyLine, 'quotes' | 'reasons'> & Partial<Pick<ReplyLine, 'text' | 'withdrawn'>> {
  if (ask === null) return { quotes: [], reasons: [] };
  const story = ask.story === null ? null : storyLine(ask.story, pools);
  if (story && story.withdrawn !== null)
    return { quotes: [], reasons: [], text: '', withdrawn: story.withdrawn };
  return { quotes: [...(story ? quotesOf(story) : []), ...quoted(ask.answers, pools)], reasons: ask.reasons };
}

function storyLine(story: string, pools: readonly (readonly Line[])[]): StoryLine | null {
  for (const pool of pools) {
    const line = pool.findLast((one) => one.kind === 'story' && one.story === story);
    if (line?.kind === 'story') return line;
  }
  return null;
}

/** Whether this is a story, and it was taken back. */
export function isTaken(lines: readonly Line[], story: string | null): boolean {
  const line = story === null ? null : storyLine(story, [lines]);
  return line !== null && line.withdrawn !== null;
}

function quoted(answers: readonly number[], pools: readonly (readonly Line[])[]): Quote[] {
  return answers.flatMap((offset) => {
    for (const pool of pools) {
      const line = lineAt(pool, offset);
      if (line) return quotesOf(line);
    }
    return [];
  });
}

/** A line as something to be answered; none when it is not, or was taken back. */
export function quotesOf(line: Line): Quote[] {
  switch (line.kind) {
    case 'chat':
    case 'donation':
      if (line.withdrawn !== null) return [];
      return [{ of: line.offset, kind: line.kind, nick: line.nick, text: line.text }];
    case 'story':
      if (line.withdrawn !== null) return [];
      return [{ of: line.offset, kind: 'story', nick: line.nick, text: line.title }];
    default:
      return [];
  }
}

/** The line without what was taken back. The same line when nothing of it was. */
export function withdrawn(line: Line, retracted: Readonly<Record<number, string>>): Line {
  if (line.kind === 'show') {
    if (line.what !== 'pinned' || retracted[line.pinned.of] === undefined) return line;
    return line.pinned.text === '' ? line : { ...line, pinned: { ...line.pinned, nick: '', text: '' } };
  }
  const read = line.kind === 'reply' ? line.quotes.find(({ kind }) => kind === 'story') : undefined;
  const by = retracted[line.offset] ?? (read && retracted[read.of]);
  if (by !== undefined && line.withdrawn === null) {
    switch (line.kind) {
      case 'chat':
      case 'donation':
        return { ...line, text: '', withdrawn: by };
      case 'story':
        return { ...line, nick: '', title: '', text: '', withdrawn: by };
      case 'reply':
        return { ...line, text: '', quotes: [], reasons: [], withdrawn: by };
    }
  }
  if (line.kind === 'reply' && line.quotes.some(({ of }) => retracted[of] !== undefined))
    return { ...line, quotes: line.quotes.filter(({ of }) => retracted[of] === undefined) };
  return line;
}

/** Two runs of lines as one, ascending by offset, each offset once. */
export function merged(old: readonly Line[], fresh: readonly Line[]): readonly Line[] {
  const first = fresh[0];
  const last = fresh.at(-1);
  if (first === undefined || last === undefined) return old;
  if (old.length === 0) return fresh;
  if (first.offset > (old.at(-1) as Line).offset) return [...old, ...fresh];
  if (last.offset < (old[0] as Line).offset) return [...fresh, ...old];
  const byOffset = new Map<number, Line>();
  for (const line of [...fresh, ...old]) byOffset.set(line.offset, line);
  return [...byOffset.values()].sort((a, b) => a.offset - b.offset);
}
