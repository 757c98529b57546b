/** Colours of the drawing on a light or a dark ground; each stands out from it by 3:1 or more. */
export interface Palette {
  readonly ground: string;
  readonly ink: string;
  readonly edge: string;
  /** Of an edge of which nobody has spoken for long. */
  readonly old: string;
  /** Of what is out of focus: this alone may be fainter. */
  readonly faint: string;
  /** Of edges, from the newest to the oldest. */
  readonly ages: readonly string[];
  readonly accent: string;
  readonly kinds: readonly string[];
}

/** How far edges have gone with age, of the way to the faintest that can still be seen by all. */
const AGES = [0, 0.3, 0.6, 0.8, 1];

const LIGHT: Palette = withAges({
  ground: '#fbfaf7',
  ink: '#22242a',
  edge: '#565c6b',
  old: '#898f9d',
  faint: '#dcdee3',
  accent: '#c2410c',
  kinds: ['#5b3fb0', '#0f766e', '#b45309', '#be185d', '#1d4ed8', '#4d7c0f', '#7c2d12', '#475569'],
});

const DARK: Palette = withAges({
  ground: '#15171c',
  ink: '#e8e9ee',
  edge: '#a3aab9',
  old: '#606674',
  faint: '#2c303a',
  accent: '#fb923c',
  kinds: ['#a78bfa', '#2dd4bf', '#fbbf24', '#f472b6', '#60a5fa', '#a3e635', '#fdba74', '#94a3b8'],
});

/** Types that every model of the project has, so that they look the same on every page. */
const KNOWN = ['PER', 'ORG', 'LOC', 'MISC'];

/** The palette of a scheme. */
export function paletteOf(isDark: boolean): Palette {
  return isDark ? DARK : LIGHT;
}

/** Place of a type in the palette, also the number of its class in the style sheet. */
export function kindIndex(type: string): number {
  const known = KNOWN.indexOf(type.toUpperCase());
  if (known >= 0) return known;
  let sum = 0;
  for (const letter of type) sum += letter.codePointAt(0) ?? 0;
  return KNOWN.length + (sum % (LIGHT.kinds.length - KNOWN.length));
}

function withAges(colours: Omit<Palette, 'ages'>): Palette {
  return { ...colours, ages: AGES.map((part) => mixed(colours.edge, colours.old, part)) };
}

/** A colour on the way from one to another, each as `#rrggbb`. */
function mixed(from: string, to: string, part: number): string {
  const channels = [1, 3, 5].map((at) => {
    const [a, b] = [from, to].map((colour) => Number.parseInt(colour.slice(at, at + 2), 16)) as [number, number];
    return Math.round(a + (b - a) * part)
      .toString(16)
      .padStart(2, '0');
  });
  return `#${channels.join('')}`;
}
