// A tutorial: the window of an application, and the pointer on what is explained.
import { type Brush, backdrop, circle, path, person, rect, stroke, tint } from './brush.ts';

type Content = (brush: Brush, left: number, top: number, hue: number) => string;

export function drawWindow(brush: Brush, title: string): string {
  const hue = brush.pick([25, 60, 150, 195, 255, 290, 340]) + brush.between(-10, 10);
  const left = brush.between(36, 62);
  const top = brush.between(24, 38);
  const dark = brush.pick([true, false, false]);
  const [ground, side, bar] = dark
    ? [tint(26, 3, hue), tint(32, 4, hue), tint(38, 4, hue)]
    : ['#ffffff', tint(96, 2, hue), tint(90, 4, hue)];
  const lines = [0, 1, 2, 3].map((index) =>
    rect(left + 10, top + 32 + index * 16, brush.between(20, 32), 6, index === 1 ? tint(62, 18, hue) : bar, {
      radius: 3,
    }),
  );
  return [
    backdrop([tint(84, 11, hue), tint(66, 17, hue + 40)], 'across'),
    circle(brush.between(240, 330), brush.between(-10, 60), brush.between(50, 90), '#fff', 0.18),
    rect(left + 4, top + 8, 220, 132, '#000', { radius: 8, opacity: 0.2 }),
    rect(left, top, 220, 132, ground, { radius: 8 }),
    path(`M${left} ${top + 18}v-10q0 -8 8 -8h204q8 0 8 8v10z`, bar),
    rect(left, top + 18, 52, 106, side),
    circle(left + 12, top + 9, 4, '#ff6058') +
      circle(left + 25, top + 9, 4, '#ffbd2e') +
      circle(left + 38, top + 9, 4, '#28c840'),
    ...lines,
    findContent(brush, title)(brush, left + 64, top + 30, hue),
    drawPointer(left + brush.between(130, 200), top + brush.between(70, 110)),
  ].join('');
}

function findContent(brush: Brush, title: string): Content {
  if (/team|contact|invite|people/i.test(title)) return drawPeople;
  if (/sign-in|factor|password|security/i.test(title)) return drawLock;
  if (/subscription|pay|card|invoice/i.test(title)) return drawCard;
  if (/dashboard|chart|measure/i.test(title)) return drawDashboard;
  if (/report|export|document/i.test(title)) return drawReport;
  return brush.pick([drawDashboard, drawReport]);
}

function drawDashboard(brush: Brush, left: number, top: number, hue: number): string {
  let shapes = '';
  for (let index = 0; index < 3; index += 1)
    shapes += rect(left + index * 48, top, 42, 24, tint(88 - index * 6, 6 + index * 4, hue + index * 30), {
      radius: 4,
    });
  for (let index = 0; index < 8; index += 1) {
    const height = brush.between(14, 56);
    shapes += rect(
      left + index * 18,
      top + 92 - height,
      12,
      height,
      tint(64, 18, index % 3 ? hue : hue + 60),
      { radius: 2 },
    );
  }
  return shapes;
}

function drawPeople(brush: Brush, left: number, top: number, hue: number): string {
  let shapes = '';
  for (let index = 0; index < 3; index += 1) {
    const y = top + index * 32;
    shapes += circle(left + 13, y + 12, 13, tint(86, 8, hue + index * 80));
    shapes += person(left + 13, y + 4, 8, tint(brush.between(52, 82), 7, 60), tint(58, 16, hue + index * 80));
    shapes += rect(left + 36, y + 3, brush.between(44, 80), 7, tint(60, 3, hue), { radius: 3 });
    shapes += rect(left + 36, y + 15, brush.between(26, 50), 5, tint(80, 3, hue), { radius: 2 });
  }
  return shapes + rect(left + 100, top + 66, 40, 18, tint(60, 19, hue), { radius: 9 });
}

function drawLock(brush: Brush, left: number, top: number, hue: number): string {
  const x = left + brush.between(50, 80);
  const digits = [0, 1, 2, 3].map((index) =>
    rect(
      x - 37 + index * 19,
      top + 72,
      15,
      20,
      index < brush.between(1, 4) ? tint(64, 17, hue) : tint(86, 4, hue),
      {
        radius: 3,
      },
    ),
  );
  return (
    stroke(`M${x - 13} ${top + 30}v-10a13 13 0 0 1 26 0v10`, tint(56, 8, hue), 7) +
    rect(x - 23, top + 26, 46, 36, tint(64, 19, hue), { radius: 6 }) +
    circle(x, top + 41, 5, '#fff') +
    rect(x - 2, top + 42, 4, 11, '#fff') +
    digits.join('')
  );
}

function drawCard(brush: Brush, left: number, top: number, hue: number): string {
  const x = left + brush.between(8, 24);
  return (
    rect(x, top + 4, 108, 66, tint(58, 18, hue + 30), { radius: 8 }) +
    path(`M${x} ${top + 52}q50 -44 108 -24v34q0 8 -8 8h-92q-8 0 -8 -8z`, '#fff', 0.2) +
    rect(x + 12, top + 18, 20, 15, tint(86, 12, 90), { radius: 3 }) +
    rect(x + 12, top + 48, 62, 6, '#fff', { radius: 3, opacity: 0.85 }) +
    rect(x, top + 80, brush.between(60, 100), 8, tint(78, 5, hue), { radius: 4 })
  );
}

function drawReport(brush: Brush, left: number, top: number, hue: number): string {
  const lines = [0, 1, 2, 3, 4].map((index) =>
    rect(left + 70, top + 8 + index * 15, brush.between(34, 70), 6, tint(78, 4, hue), { radius: 3 }),
  );
  return (
    `<circle cx="${left + 30}" cy="${top + 34}" r="22" fill="none" stroke="${tint(86, 7, hue)}" stroke-width="13"/>` +
    `<circle cx="${left + 30}" cy="${top + 34}" r="22" fill="none" stroke="${tint(62, 19, hue)}" stroke-width="13" stroke-dasharray="${brush.between(36, 108)} 200"/>` +
    rect(left + 4, top + 74, 52, 16, tint(66, 17, hue + 50), { radius: 8 }) +
    lines.join('')
  );
}

function drawPointer(x: number, y: number): string {
  return `<path d="M${x} ${y}l0 30l8 -7l6 13l7 -3l-6 -13l11 -1z" fill="#14161c" stroke="#fff" stroke-width="2.5"/>`;
}
