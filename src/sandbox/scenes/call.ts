// A meeting of everybody, as a video call: all at once, or one who speaks and the others beside.
import { type Brush, backdrop, circle, person, rect, tint } from './brush.ts';

export function drawCall(brush: Brush): string {
  const hue = brush.between(0, 359);
  const dark = brush.pick([true, true, false]);
  const ground = dark ? [tint(32, 5, hue), tint(24, 4, hue)] : [tint(94, 3, hue), tint(86, 5, hue)];
  return backdrop(ground, 'across') + brush.pick([drawGrid, drawSpeaker])(brush, hue);
}

function drawGrid(brush: Brush, hue: number): string {
  const columns = brush.between(3, 4);
  const rows = 2;
  const width = (304 - columns * 8) / columns;
  const height = 74;
  const speaking = brush.between(0, columns * rows - 1);
  let tiles = '';
  for (let index = 0; index < columns * rows; index += 1) {
    const x = 12 + (index % columns) * (width + 8);
    const y = 12 + Math.floor(index / columns) * (height + 8);
    tiles += drawTile(brush, { x, y, width, height, hue: hue + index * 37, isSpeaking: index === speaking });
  }
  return tiles;
}

function drawSpeaker(brush: Brush, hue: number): string {
  const onLeft = brush.pick([true, false]);
  const large = { x: onLeft ? 12 : 96, y: 12, width: 212, height: 156, hue, isSpeaking: true };
  let tiles = drawTile(brush, large);
  for (let index = 0; index < 3; index += 1)
    tiles += drawTile(brush, {
      x: onLeft ? 234 : 12,
      y: 12 + index * 54,
      width: 74,
      height: 48,
      hue: hue + 60 + index * 70,
      isSpeaking: false,
    });
  return tiles;
}

type Tile = {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly hue: number;
  readonly isSpeaking: boolean;
};

function drawTile(brush: Brush, { x, y, width, height, hue, isSpeaking }: Tile): string {
  const size = height * 0.34;
  const middle = x + width / 2 + brush.between(-4, 4);
  const skin = tint(brush.between(48, 86), 7, brush.between(48, 72));
  const hair = tint(brush.between(18, 46), 4, 50);
  const top = y + height - size * 2.4;
  const ring = isSpeaking ? rect(x - 4, y - 4, width + 8, height + 8, tint(82, 17, 145), { radius: 10 }) : '';
  return (
    ring +
    rect(x, y, width, height, tint(brush.between(70, 84), 10, hue), { radius: 7 }) +
    circle(middle, top + size * 0.4, size * 0.62, hair) +
    person(middle, top, size, skin, tint(brush.between(42, 62), 15, hue + brush.between(90, 220)))
  );
}
