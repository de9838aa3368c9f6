// The numbers, colours and shapes that every scene draws with. A scene fills a canvas of 320 by 180.

export const WIDTH = 320;
export const HEIGHT = 180;

/** Choices that a seed makes. */
export type Brush = {
  /** A whole number from `low` to `high`, both included. */
  between(low: number, high: number): number;
  pick<T>(choices: readonly [T, ...T[]]): T;
};

export type Scene = (brush: Brush, title: string) => string;

/** @param random - from 0 up to, and without, 1. */
export function createBrush(random: () => number): Brush {
  const between = (low: number, high: number) => low + Math.floor(random() * (high - low + 1));
  return {
    between,
    pick: (choices) => choices[between(0, choices.length - 1)] ?? choices[0],
  };
}

/**
 * A colour as `#rrggbb`, from OKLCH, in which equal lightness looks equally light whatever the hue.
 *
 * @param lightness - 0 to 100.
 * @param chroma - 0 for grey; about 20 for vivid.
 * @param hue - in degrees: 30 is red, 90 yellow, 145 green, 250 blue, 320 violet.
 * @see https://bottosson.github.io/posts/oklab/
 */
export function tint(lightness: number, chroma: number, hue: number): string {
  const angle = (hue * Math.PI) / 180;
  const a = (chroma / 100) * Math.cos(angle);
  const b = (chroma / 100) * Math.sin(angle);
  const l = (lightness / 100 + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness / 100 - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness / 100 - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return `#${[
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ]
    .map(toByte)
    .join('')}`;
}

/** Two hexadecimal digits of the gamma-encoded value; what is out of range is cut. */
function toByte(linear: number): string {
  const encoded = linear <= 0.0031308 ? 12.92 * linear : 1.055 * linear ** (1 / 2.4) - 0.055;
  const byte = Math.round(Math.min(1, Math.max(0, encoded)) * 255);
  return byte.toString(16).padStart(2, '0');
}

/** The whole canvas in a gradient from top to bottom, or from corner to corner. */
export function backdrop(colors: readonly string[], direction: 'down' | 'across' = 'down'): string {
  const end = direction === 'down' ? 'x2="0" y2="1"' : 'x2="1" y2="1"';
  return `<linearGradient id="b" ${end}>${stops(colors)}</linearGradient>${rect(0, 0, WIDTH, HEIGHT, 'url(#b)')}`;
}

export function radialGradient(id: string, colors: readonly string[]): string {
  return `<radialGradient id="${id}">${stops(colors)}</radialGradient>`;
}

function stops(colors: readonly string[]): string {
  return colors
    .map((color, index) => {
      const offset = Math.round((index / (colors.length - 1)) * 100);
      return `<stop offset="${offset}%" stop-color="${color}"/>`;
    })
    .join('');
}

export function rect(
  x: number,
  y: number,
  width: number,
  height: number,
  fill: string,
  more: { radius?: number; opacity?: number } = {},
): string {
  const radius = more.radius === undefined ? '' : ` rx="${more.radius}"`;
  return `<rect x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${round(height)}"${radius} fill="${fill}"${faded(more.opacity)}/>`;
}

export function circle(x: number, y: number, radius: number, fill: string, opacity?: number): string {
  return `<circle cx="${round(x)}" cy="${round(y)}" r="${round(radius)}" fill="${fill}"${faded(opacity)}/>`;
}

export function path(commands: string, fill: string, opacity?: number): string {
  return `<path d="${commands}" fill="${fill}"${faded(opacity)}/>`;
}

export function stroke(commands: string, color: string, width: number, opacity?: number): string {
  return `<path d="${commands}" fill="none" stroke="${color}" stroke-width="${width}" stroke-linecap="round"${faded(opacity)}/>`;
}

/** Head and shoulders of a person. `x` is the middle, `y` the top of the head. */
export function person(x: number, y: number, size: number, skin: string, clothes: string): string {
  const shoulders = `M${round(x - size)} ${round(y + size * 2.4)}c0 ${-round(size * 1.5)} ${round(size * 2)} ${-round(size * 1.5)} ${round(size * 2)} 0z`;
  return path(shoulders, clothes) + circle(x, y + size * 0.55, size * 0.55, skin);
}

/** The points of a curve as the commands of a path, in whole steps from left to right. */
export function curve(from: number, to: number, step: number, y: (x: number) => number): string {
  const points: string[] = [];
  for (let x = from; x <= to; x += step) points.push(`${x} ${round(y(x))}`);
  return `M${points.join('L')}`;
}

export function round(value: number): number {
  return Math.round(value);
}

function faded(opacity: number | undefined): string {
  return opacity === undefined ? '' : ` opacity="${opacity}"`;
}
