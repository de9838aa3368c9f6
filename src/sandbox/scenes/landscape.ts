// A view at some hour of the day: ridges behind each other, and in front water, roofs or firs.
import { type Brush, backdrop, circle, HEIGHT, path, rect, tint, WIDTH } from './brush.ts';

type Hour = {
  readonly sky: readonly [top: string, middle: string, bottom: string];
  readonly sun: string;
  /** The hue of the land, and its lightness far away and near by. */
  readonly land: readonly [hue: number, far: number, near: number];
};

const HOURS: readonly [Hour, ...Hour[]] = [
  { sky: [tint(48, 10, 285), tint(72, 12, 20), tint(88, 9, 75)], sun: '#fff1d6', land: [300, 56, 24] },
  { sky: [tint(62, 13, 245), tint(80, 8, 230), tint(95, 3, 200)], sun: '#fffbe8', land: [225, 66, 32] },
  { sky: [tint(30, 9, 275), tint(46, 14, 320), tint(74, 15, 50)], sun: '#ffd9a0', land: [285, 42, 16] },
  { sky: [tint(64, 9, 195), tint(84, 8, 160), tint(95, 6, 110)], sun: '#ffffff', land: [170, 62, 28] },
  { sky: [tint(70, 15, 55), tint(84, 12, 75), tint(95, 6, 95)], sun: '#fffdf0', land: [35, 66, 30] },
  { sky: [tint(18, 7, 270), tint(28, 10, 255), tint(48, 11, 215)], sun: '#f2f6ff', land: [245, 34, 12] },
];

export function drawLandscape(brush: Brush, title: string): string {
  const { sky, sun, land } = brush.pick(HOURS);
  const [hue, far, near] = land;
  const sunX = brush.between(50, 270);
  const sunY = brush.between(38, 78);
  const size = brush.between(13, 22);
  const ground = (depth: number) => tint(far + (near - far) * depth, 6, hue);
  const shapes = [
    backdrop(sky),
    circle(sunX, sunY, size * 2.2, sun, 0.25),
    circle(sunX, sunY, size, sun),
    ridge(brush, 92, 34, ground(0.1)),
    ridge(brush, 116, 26, ground(0.4)),
  ];
  const front = findFront(brush, title);
  if (front === 'water') shapes.push(drawWater(brush, sunX, sky[1], sun), ridge(brush, 172, 14, ground(1)));
  if (front === 'roofs') shapes.push(drawRoofs(brush, hue, near));
  if (front === 'firs') shapes.push(ridge(brush, 140, 14, ground(0.7)), drawFirs(brush, ground(1)));
  return shapes.join('');
}

function findFront(brush: Brush, title: string): 'water' | 'roofs' | 'firs' {
  if (/lake|port|harbou?r|sea|cliff|beach|river/i.test(title)) return 'water';
  if (/roof|town|city|street|kirk|church/i.test(title)) return 'roofs';
  return brush.pick(['water', 'firs']);
}

function ridge(brush: Brush, height: number, roughness: number, fill: string): string {
  const step = brush.between(26, 44);
  let commands = `M0 ${height + brush.between(-roughness, roughness)}`;
  for (let x = step; x < WIDTH + step; x += step)
    commands += `L${x + brush.between(-8, 8)} ${height + brush.between(-roughness, roughness)}`;
  return path(`${commands}V${HEIGHT}H0z`, fill);
}

function drawWater(brush: Brush, sunX: number, color: string, sun: string): string {
  const top = 128;
  const lines = Array.from({ length: 5 }, (_, index) => {
    const width = brush.between(18, 60) - index * 2;
    return rect(sunX - width / 2 + brush.between(-6, 6), top + 5 + index * 9, width, 3, sun, {
      radius: 1.5,
      opacity: 0.6,
    });
  });
  return rect(0, top, WIDTH, HEIGHT - top, color) + lines.join('');
}

function drawRoofs(brush: Brush, hue: number, near: number): string {
  let houses = '';
  for (let x = -10; x < WIDTH; ) {
    const width = brush.between(34, 58);
    const top = brush.between(112, 146);
    const roof = tint(brush.between(52, 62), 12, brush.between(32, 52));
    const wall = tint(near + brush.between(34, 50), 4, hue);
    houses += path(`M${x} ${top}H${x + width}V${HEIGHT}H${x}z`, wall);
    houses += path(`M${x - 4} ${top}l${width / 2 + 4} -22l${width / 2 + 4} 22z`, roof);
    houses += rect(x + width / 2 - 5, top + 10, 10, 14, tint(near + 8, 5, hue));
    x += width;
  }
  return houses;
}

function drawFirs(brush: Brush, fill: string): string {
  let commands = '';
  for (let x = -6; x < WIDTH; x += brush.between(16, 30)) {
    const height = brush.between(28, 62);
    commands += `M${x} ${HEIGHT}l12 -${height}l12 ${height}z`;
  }
  return path(`${commands}M0 172H320v8H0z`, fill);
}
