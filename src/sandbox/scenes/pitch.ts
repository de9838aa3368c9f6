// A match: the pitch from above, a goal, or a stadium under floodlights.
import { type Brush, backdrop, circle, HEIGHT, path, rect, stroke, tint, WIDTH } from './brush.ts';

const LINE = '#f4fbf2';

export function drawPitch(brush: Brush): string {
  const draw = brush.pick([drawFromAbove, drawGoal, drawStadium]);
  const home = brush.between(0, 359);
  const away = home + brush.between(100, 260);
  return draw(brush, tint(62, 20, home), tint(72, 17, away));
}

function drawFromAbove(brush: Brush, home: string, away: string): string {
  const hue = brush.between(135, 158);
  const light = brush.between(54, 66);
  const band = brush.between(26, 44);
  let commands = '';
  for (let x = 0; x < WIDTH; x += band * 2) commands += `M${x} 0h${band}v180h-${band}z`;
  const middle = brush.between(110, 210);
  const players = Array.from({ length: 11 }, (_, index) =>
    circle(brush.between(20, 300), brush.between(18, 162), 6, index % 2 === 0 ? home : away),
  );
  const [x, y] = [brush.between(60, 260), brush.between(40, 140)];
  return [
    backdrop([tint(light, 15, hue), tint(light - 10, 14, hue)], 'across'),
    path(commands, '#fff', 0.1),
    stroke(`M${middle} 10V170M10 10H310V170H10zM10 52H48V128H10M310 52H272V128H310`, LINE, 3),
    `<circle cx="${middle}" cy="90" r="30" fill="none" stroke="${LINE}" stroke-width="3"/>`,
    ...players,
    stroke(
      `M${x} ${y}q${brush.between(-60, 60)} -40 ${brush.between(-70, 70)} ${brush.between(-30, 30)}`,
      '#fff',
      2,
      0.7,
    ),
    circle(x, y, 5, '#fff'),
  ].join('');
}

function drawGoal(brush: Brush, home: string, away: string): string {
  const left = brush.between(46, 76);
  const right = left + brush.between(176, 196);
  const top = brush.between(46, 58);
  const hue = brush.between(130, 155);
  let net = '';
  for (let x = left + 12; x < right; x += 14) net += `M${x} ${top}V140`;
  for (let y = top + 12; y < 140; y += 14) net += `M${left} ${y}H${right}`;
  let crowd = '';
  for (let index = 0; index < 16; index += 1)
    crowd += circle(
      index * 21 + brush.between(-4, 8),
      brush.between(8, 38),
      7,
      brush.pick([home, away]),
      0.55,
    );
  const [x, y] = [brush.between(left + 30, right - 30), brush.between(top + 22, 118)];
  return [
    backdrop([tint(22, 5, 265), tint(36, 7, 255)]),
    crowd,
    rect(0, 140, WIDTH, 40, tint(62, 16, hue)),
    path('M0 152H320V164H0z', '#fff', 0.12),
    stroke(net, '#fff', 1.5, 0.45),
    stroke(`M${left} 142V${top}H${right}V142`, '#fff', 5),
    stroke(`M${brush.between(20, 300)} 172Q${x} ${y + 60} ${x} ${y}`, '#fff', 2, 0.5),
    circle(x, y, 11, '#fff'),
    path(`M${x} ${y - 5}l5 4l-2 6h-6l-2 -6z`, '#23262e'),
  ].join('');
}

function drawStadium(brush: Brush, home: string, away: string): string {
  const night = brush.between(245, 300);
  const beam = (x: number, lean: number) =>
    path(`M${x} 34L${x + lean - 46} 150H${x + lean + 60}z`, '#fffbe0', 0.16) +
    rect(x - 1.5, 34, 3, 74, tint(40, 3, night)) +
    rect(x - 15, 22, 30, 14, '#fffbe0', { radius: 3 });
  const spread = brush.between(52, 92);
  const stand = brush.between(82, 96);
  return [
    backdrop([tint(16, 6, night), tint(34, 10, night), tint(48, 10, night + 30)]),
    path(`M0 ${stand}Q160 ${stand + 34} 320 ${stand}V150H0z`, home, 0.75),
    path(`M0 ${stand + 18}Q160 ${stand + 44} 320 ${stand + 18}V150H0z`, away, 0.75),
    path(`M-40 ${HEIGHT}L56 122H264L360 ${HEIGHT}z`, tint(58, 16, brush.between(135, 155))),
    stroke('M56 122H264M160 122V180M112 150q48 -20 96 0', LINE, 2.5, 0.9),
    beam(160 - spread, brush.between(20, 50)),
    beam(160 + spread, brush.between(-50, -20)),
  ].join('');
}
