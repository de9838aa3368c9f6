// A lecture: a board, or a sheet of squared paper, with a graph on it.
import { type Brush, backdrop, circle, curve, HEIGHT, path, round, stroke, tint, WIDTH } from './brush.ts';

type Board = {
  readonly ground: readonly [string, string];
  readonly chalk: string;
  readonly accents: readonly [string, string];
};

const BOARDS: readonly [Board, ...Board[]] = [
  {
    ground: [tint(38, 7, 165), tint(28, 6, 175)],
    chalk: '#eef5ec',
    accents: [tint(88, 13, 95), tint(78, 12, 30)],
  },
  {
    ground: [tint(32, 8, 265), tint(22, 7, 275)],
    chalk: '#eef1fb',
    accents: [tint(82, 12, 205), tint(84, 14, 85)],
  },
  {
    ground: [tint(97, 2, 95), tint(91, 4, 85)],
    chalk: '#3a3f4b',
    accents: [tint(58, 20, 264), tint(62, 20, 25)],
  },
  {
    ground: [tint(40, 12, 300), tint(28, 10, 290)],
    chalk: '#f6effc',
    accents: [tint(86, 13, 100), tint(80, 12, 340)],
  },
  {
    ground: [tint(95, 3, 220), tint(87, 6, 230)],
    chalk: '#2d3a52',
    accents: [tint(60, 18, 330), tint(58, 14, 190)],
  },
];

export function drawBoard(brush: Brush, title: string): string {
  const board = brush.pick(BOARDS);
  const step = brush.between(18, 26);
  let grid = '';
  for (let x = step; x < WIDTH; x += step) grid += `M${x} 0V${HEIGHT}`;
  for (let y = step; y < HEIGHT; y += step) grid += `M0 ${y}H${WIDTH}`;
  const draw = findGraph(brush, title);
  return backdrop(board.ground, 'across') + stroke(grid, board.chalk, 1, 0.14) + draw(brush, board);
}

type Graph = (brush: Brush, board: Board) => string;

function findGraph(brush: Brush, title: string): Graph {
  if (/graph|chain|network|tree/i.test(title)) return drawNetwork;
  if (/complex|circle|geometr/i.test(title)) return drawCircle;
  if (/linear|vector|eigen|matri/i.test(title)) return drawVectors;
  return brush.pick([drawWaves, drawBell]);
}

function drawAxes(x: number, y: number, { chalk }: Board): string {
  return stroke(`M18 ${y}H302M${x} 166V16M296 ${y - 5}l7 5l-7 5M${x - 5} 22l5 -7l5 7`, chalk, 3, 0.85);
}

function drawWaves(brush: Brush, board: Board): string {
  const [first, second] = board.accents;
  const long = brush.between(18, 30);
  const high = brush.between(36, 54);
  const phase = brush.between(0, 6);
  const wave = (x: number) => 90 - high * Math.sin(x / long + phase);
  const sum = (x: number) => 90 - high * 0.6 * Math.sin(x / long + phase) - 18 * Math.sin((3 * x) / long);
  return (
    drawAxes(brush.between(30, 60), 90, board) +
    stroke(curve(20, 300, 8, sum), second, 4, 0.9) +
    stroke(curve(20, 300, 8, wave), first, 6)
  );
}

function drawBell(brush: Brush, board: Board): string {
  const [first, second] = board.accents;
  const middle = brush.between(120, 200);
  const width = brush.between(28, 50);
  const bell = (x: number) => 146 - 112 * Math.exp(-(((x - middle) / width) ** 2) / 2);
  const line = curve(20, 300, 8, bell);
  const cut = middle + brush.between(-10, 26);
  return (
    path(`${curve(20, cut, 8, bell)}V146H20z`, first, 0.35) +
    drawAxes(brush.between(30, 60), 146, board) +
    stroke(line, first, 6) +
    stroke(`M${middle} 146V34`, second, 3)
  );
}

function drawCircle(brush: Brush, board: Board): string {
  const [first, second] = board.accents;
  const x = brush.between(130, 190);
  const radius = brush.between(50, 62);
  const angle = brush.between(20, 75) * (Math.PI / 180) + brush.between(0, 3) * (Math.PI / 2);
  const [toX, toY] = [round(x + radius * Math.cos(angle)), round(90 - radius * Math.sin(angle))];
  return (
    circle(x, 90, radius, first, 0.2) +
    drawAxes(x, 90, board) +
    `<circle cx="${x}" cy="90" r="${radius}" fill="none" stroke="${first}" stroke-width="5"/>` +
    path(`M${x} 90H${toX}V${toY}z`, second, 0.45) +
    stroke(`M${x} 90L${toX} ${toY}`, second, 5) +
    circle(toX, toY, 8, second)
  );
}

function drawVectors(brush: Brush, board: Board): string {
  const [first, second] = board.accents;
  const [x, y] = [brush.between(70, 120), brush.between(120, 140)];
  const [aX, aY] = [brush.between(70, 110), -brush.between(10, 40)];
  const [bX, bY] = [brush.between(10, 45), -brush.between(55, 90)];
  const arrow = (toX: number, toY: number, color: string) =>
    stroke(`M${x} ${y}l${toX} ${toY}`, color, 6) + circle(x + toX, y + toY, 8, color);
  return (
    path(`M${x} ${y}l${aX} ${aY}l${bX} ${bY}l${-aX} ${-aY}z`, first, 0.25) +
    drawAxes(x, y, board) +
    arrow(aX, aY, first) +
    arrow(bX, bY, second)
  );
}

function drawNetwork(brush: Brush, board: Board): string {
  const count = brush.between(5, 7);
  const turn = brush.between(0, 60) / 60;
  const nodes = Array.from({ length: count }, (_, index) => {
    const angle = (index / count + turn) * 2 * Math.PI;
    return [
      round(160 + Math.cos(angle) * brush.between(72, 112)),
      round(90 + Math.sin(angle) * brush.between(44, 62)),
    ] as const;
  });
  let edges = '';
  nodes.forEach(([x, y], index) => {
    for (const skip of [1, brush.between(2, 3)]) {
      const [toX, toY] = nodes[(index + skip) % count] ?? [x, y];
      edges += `M${x} ${y}L${toX} ${toY}`;
    }
  });
  const colors = [...board.accents, board.chalk] as const;
  const dots = nodes.map(([x, y]) => circle(x, y, brush.between(11, 16), brush.pick(colors)));
  return stroke(edges, board.chalk, 3, 0.6) + dots.join('');
}
