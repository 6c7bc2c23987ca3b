/** Owns how a persona's colour reaches the style sheets: custom properties on the element with class `tint`. */
import type { CSSProperties } from 'react';
import { readable } from './colour';

/** The papers of tokens.css that text in a persona's colour stands on, the harder of each scheme. */
const LIGHT_PAPER = '#f4e9da';
const DARK_PAPER = '#2b1e33';
/** More than the 4.5 that text needs: some of it stands on a paper with a wash of the accent itself. */
const RATIO = 5.8;
const FALLBACK = '#8a5a7a';

export function tint(colour: string | undefined): CSSProperties {
  const accent = colour ?? FALLBACK;
  return {
    '--accent': accent,
    '--accent-ink-light': readable(accent, LIGHT_PAPER, RATIO),
    '--accent-ink-dark': readable(accent, DARK_PAPER, RATIO),
  } as CSSProperties;
}

const NICK_HUES = 8;

/** One of the nick colours of tokens.css, the same for a viewer everywhere. */
export function nickColour(viewer: string): CSSProperties {
  let hash = 0;
  for (let i = 0; i < viewer.length; i += 1) hash = (hash * 31 + viewer.charCodeAt(i)) >>> 0;
  return { color: `var(--nick-${hash % NICK_HUES})` };
}
