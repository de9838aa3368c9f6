// A talk: somebody on a stage beside a large screen, and the first row of the audience.
import { type Brush, backdrop, path, person, rect, stroke, tint, WIDTH } from './brush.ts';

export function drawStage(brush: Brush): string {
  const hue = brush.pick([262, 292, 325, 15, 195, 160]) + brush.between(-10, 10);
  const accent = hue + brush.pick([70, 130, 180]);
  const speakerLeft = brush.pick([true, false]);
  const speaker = speakerLeft ? brush.between(58, 78) : brush.between(242, 262);
  const screen = speakerLeft ? 118 : 34;
  const lamp = speaker + brush.between(-50, 50);
  return [
    backdrop([tint(34, 9, hue), tint(54, 13, hue + 10), tint(68, 12, hue + 30)]),
    rect(screen, 30, 168, 96, tint(95, 2, accent), { radius: 5 }),
    drawSlide(brush, screen, accent),
    path(`M${lamp - 7} 0h14L${speaker + 44} 152h-88z`, '#fff8dc', 0.22),
    path('M0 142Q160 128 320 142V180H0z', tint(28, 6, hue)),
    person(speaker, 70, 27, tint(brush.between(52, 84), 6, 60), tint(76, 15, accent)),
    rect(speaker - 20, 122, 40, 28, tint(30, 7, hue), { radius: 3 }),
    drawAudience(brush, hue),
  ].join('');
}

function drawSlide(brush: Brush, left: number, hue: number): string {
  const strong = tint(58, 17, hue);
  const headline = rect(left + 14, 44, brush.between(50, 96), 8, tint(34, 5, hue), { radius: 4 });
  const kind = brush.pick(['bars', 'line', 'ring', 'quote']);
  let content = '';
  if (kind === 'bars')
    for (let index = 0; index < 6; index += 1) {
      const height = brush.between(12, 52);
      content += rect(
        left + 16 + index * 24,
        114 - height,
        15,
        height,
        index === 4 ? tint(72, 17, hue + 120) : strong,
        {
          radius: 2,
        },
      );
    }
  if (kind === 'line') {
    const rise = [0, 1, 2, 3, 4].map(
      (index) => `${left + 18 + index * 33} ${108 - index * 9 - brush.between(-9, 9)}`,
    );
    content += stroke(`M${rise.join('L')}`, strong, 5);
  }
  if (kind === 'ring') {
    content += `<circle cx="${left + 52}" cy="88" r="22" fill="none" stroke="${tint(84, 6, hue)}" stroke-width="11"/>`;
    content += `<circle cx="${left + 52}" cy="88" r="22" fill="none" stroke="${strong}" stroke-width="11" stroke-dasharray="${brush.between(40, 110)} 200"/>`;
    for (let index = 0; index < 3; index += 1)
      content += rect(left + 94, 72 + index * 13, brush.between(26, 58), 6, tint(78, 5, hue), { radius: 3 });
  }
  if (kind === 'quote') {
    content +=
      rect(left + 14, 64, 64, 48, strong, { radius: 5 }) + path(`M${left + 40} 76l18 12l-18 12z`, '#fff');
    for (let index = 0; index < 4; index += 1)
      content += rect(left + 90, 66 + index * 12, brush.between(36, 62), 6, tint(78, 5, hue), { radius: 3 });
  }
  return headline + content;
}

/** Heads in one row, and their shoulders, which touch. */
function drawAudience(brush: Brush, hue: number): string {
  let heads = '';
  for (let x = brush.between(-4, 10); x < WIDTH; x += brush.between(30, 40))
    heads += `M${x} ${brush.between(166, 172)}a12 12 0 0 1 24 0v14h-24z`;
  return path(`M0 174H320V180H0z${heads}`, tint(17, 4, hue));
}
