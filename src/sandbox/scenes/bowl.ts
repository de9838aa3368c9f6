// A dish seen from above, on a table.
import { type Brush, backdrop, circle, path, radialGradient, rect, stroke, tint } from './brush.ts';

type Dish = readonly [named: RegExp, hue: number, lightness: number];

const DISHES: readonly Dish[] = [
  [/shakshuka|tomato|pizza|norma/i, 35, 60],
  [/green|salad|pesto|spinach/i, 128, 66],
  [/miso|soup|ramen|broth/i, 70, 74],
  [/dal|lentil|hummus|rösti|potato/i, 82, 76],
  [/berry|beet/i, 5, 55],
];

export function drawBowl(brush: Brush, title: string): string {
  const known = DISHES.find(([named]) => named.test(title));
  const hue = (known?.[1] ?? brush.between(30, 130)) + brush.between(-6, 6);
  const lightness = known?.[2] ?? 68;
  const table = brush.between(0, 359);
  const dark = brush.pick([true, false]);
  const x = brush.between(116, 204);
  const y = brush.between(84, 100);
  const size = brush.between(62, 76);
  return [
    dark
      ? backdrop([tint(42, 6, table), tint(28, 6, table)], 'across')
      : backdrop([tint(92, 5, table), tint(82, 8, table)], 'across'),
    drawCloth(brush, table, dark),
    circle(x + 5, y + 8, size, '#000', 0.22),
    circle(x, y, size, dark ? tint(96, 1, 90) : tint(36, 6, table + 180)),
    circle(x, y, size * 0.86, dark ? tint(88, 2, 90) : tint(28, 6, table + 180)),
    radialGradient('f', [tint(lightness + 10, 13, hue + 12), tint(lightness - 6, 15, hue)]),
    circle(x, y, size * 0.78, 'url(#f)'),
    drawToppings(brush, x, y, size * 0.55),
    drawCutlery(brush, x, size, dark),
  ].join('');
}

function drawCloth(brush: Brush, table: number, dark: boolean): string {
  const width = brush.between(60, 130);
  const at = brush.between(0, 190);
  const color = dark ? tint(58, 9, table + 150) : tint(74, 12, table + 150);
  return (
    path(`M${at} 0h${width}l-40 180h-${width}z`, color) +
    path(`M${at + 10} 0h8l-40 180h-8zM${at + width - 20} 0h8l-40 180h-8z`, '#fff', 0.35)
  );
}

/** Herbs everywhere, and eggs, slices or seeds on top. */
function drawToppings(brush: Brush, x: number, y: number, reach: number): string {
  const kind = brush.pick(['eggs', 'slices', 'seeds']);
  const around = (index: number, count: number, distance: number): readonly [number, number] => {
    const angle = (index / count) * 2 * Math.PI + brush.between(0, 60) / 60;
    return [x + Math.cos(angle) * distance, y + Math.sin(angle) * distance];
  };
  const fruit = brush.pick([25, 95, 60]);
  let shapes = '';
  const count = kind === 'seeds' ? 9 : brush.between(2, 4);
  for (let index = 0; index < count; index += 1) {
    const [atX, atY] = around(index, count, reach * (brush.between(45, 90) / 100));
    if (kind === 'eggs') shapes += circle(atX, atY, 14, '#fffdf6') + circle(atX + 1, atY, 6.5, '#f7b52c');
    if (kind === 'slices')
      shapes += circle(atX, atY, 12, tint(66, 18, fruit)) + circle(atX, atY, 9, tint(80, 13, fruit + 12));
    if (kind === 'seeds') shapes += circle(atX, atY, 4, tint(94, 4, 95));
  }
  for (let index = 0; index < 5; index += 1) {
    const [atX, atY] = around(index, 5, reach * (brush.between(20, 100) / 100));
    const [left, top] = [Math.round(atX), Math.round(atY)];
    shapes += path(`M${left} ${top}q10 -12 18 -2q-8 10 -18 2z`, tint(brush.between(48, 62), 15, 140));
  }
  return shapes;
}

function drawCutlery(brush: Brush, x: number, size: number, dark: boolean): string {
  const color = dark ? tint(78, 2, 90) : tint(52, 3, 250);
  const side = x < 160 ? x + size + 22 : x - size - 34;
  if (brush.pick([true, false])) {
    const wood = tint(62, 9, 55);
    return stroke(`M${side} 24L${side + 8} 156M${side + 12} 24L${side + 14} 156`, wood, 5);
  }
  return (
    rect(side + 3, 66, 5, 92, color, { radius: 2.5 }) +
    `<ellipse cx="${side + 5.5}" cy="50" rx="10" ry="20" fill="${color}"/>`
  );
}
