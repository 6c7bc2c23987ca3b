/** Owns colour arithmetic: a persona's accent made readable on any paper. Pure (WCAG 2.2 contrast). */

type Rgb = readonly [number, number, number];

function parse(hex: string): Rgb {
  const match = /^#?([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(hex.trim());
  if (!match) return [138, 90, 122];
  return [1, 2, 3].map((part) => Number.parseInt(match[part] as string, 16)) as unknown as Rgb;
}

function luminance(rgb: Rgb): number {
  const [r, g, b] = rgb.map((part) => {
    const share = part / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  }) as unknown as Rgb;
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** Contrast of two `#rrggbb` colours, 1..21. */
export function contrast(a: string, b: string): number {
  const [dark, light] = [luminance(parse(a)), luminance(parse(b))].sort((x, y) => x - y) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}

const STEPS = 20;

/** `colour` moved towards black or white just far enough to reach `ratio` on `paper`. */
export function readable(colour: string, paper: string, ratio = 4.5): string {
  const from = parse(colour);
  const to: Rgb = luminance(parse(paper)) > 0.18 ? [0, 0, 0] : [255, 255, 255];
  for (let step = 0; step <= STEPS; step += 1) {
    const mixed = from.map((part, i) => Math.round(part + ((to[i] as number) - part) * (step / STEPS)));
    const hex = `#${mixed.map((part) => part.toString(16).padStart(2, '0')).join('')}`;
    if (contrast(hex, paper) >= ratio) return hex;
  }
  return to[0] === 0 ? '#000000' : '#ffffff';
}
