/** Owns positions in text. The wire counts Unicode code points, JavaScript counts UTF-16 units. Pure. */
import type { Cue } from '../session/shapes';

/** Length in code points. */
export function codePoints(text: string): number {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}

/** The text with each lone surrogate (half a character) replaced: `toWellFormed`, for browsers without it too. */
export function wellFormed(text: string): string {
  return text.replace(/\p{Surrogate}/gu, '\uFFFD');
}

/** The first `count` code points. */
export function firstCodePoints(text: string, count: number): string {
  if (count <= 0) return '';
  let units = 0;
  let seen = 0;
  for (const char of text) {
    if (seen === count) return text.slice(0, units);
    units += char.length;
    seen += 1;
  }
  return text;
}

/** The piece put at its place: what stood behind `at` is replaced. */
export function spliced(text: string, at: number, piece: string): string {
  return firstCodePoints(text, at) + piece;
}

const SENTENCE = /[^.!?…。！？\n]*(?:[.!?…。！？]+["'”’)\]]*(?=\s|$)|\n|$|[.!?…。！？]+)/gu;

/** The sentences of a text, in order and without loss: joined they are the text. */
export function sentences(text: string): string[] {
  const parts: string[] = [];
  for (const match of text.matchAll(SENTENCE)) {
    if (match[0] === '') continue;
    const previous = parts.at(-1);
    // A stop inside a number or an address ("3.5") ends no sentence: what follows belongs to it.
    if (previous !== undefined && !/[\s]$/u.test(previous) && !/^\s/u.test(match[0])) {
      parts[parts.length - 1] = previous + match[0];
    } else {
      parts.push(match[0]);
    }
  }
  return parts;
}

/** How many of the sentences are finished: the last one is only when the whole text is, or at its stop. */
export function finishedSentences(text: string, isWhole: boolean): string[] {
  const parts = sentences(text);
  const last = parts.at(-1);
  if (last !== undefined && !isWhole && !/[.!?…。！？]["'”’)\]]*\s*$/u.test(last)) parts.pop();
  return parts.map((part) => part.trim()).filter((part) => part !== '');
}

/** The face to show when the caption stands at `position`: the last cue not after it. */
export function signalAt(cues: readonly Cue[], position: number): string | null {
  let best: Cue | null = null;
  for (const cue of cues) {
    if (cue.at <= position && (best === null || cue.at >= best.at)) best = cue;
  }
  return best?.signal ?? null;
}
