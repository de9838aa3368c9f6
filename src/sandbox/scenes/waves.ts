// Something that suits any video: waves of one colour under a disc.
import { type Brush, backdrop, circle, curve, HEIGHT, path, tint } from './brush.ts';

export function drawWaves(brush: Brush): string {
  const hue = brush.between(0, 359);
  const turn = brush.pick([40, 70, -50]);
  const waves = [0, 1, 2, 3].map((index) => {
    const long = brush.between(34, 62);
    const high = brush.between(10, 24);
    const phase = brush.between(0, 60) / 10;
    const line = curve(0, 320, 16, (x) => 84 + index * 24 + high * Math.sin(x / long + phase));
    return path(`${line}V${HEIGHT}H0z`, tint(74 - index * 13, 16, hue + (turn * index) / 4), 0.85);
  });
  return [
    backdrop([tint(88, 9, hue + turn), tint(78, 14, hue)], 'across'),
    circle(brush.between(50, 270), brush.between(40, 90), brush.between(24, 44), '#fff', 0.55),
    ...waves,
  ].join('');
}
