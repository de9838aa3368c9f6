// Draws a video's picture as SVG: its tags choose the scene, its title what the scene is about, its id the details. There
// is no text in it, and nothing that a browser would load or run.
import { createRandom, toSeed } from './random.ts';
import { drawBoard } from './scenes/board.ts';
import { drawBowl } from './scenes/bowl.ts';
import { createBrush, HEIGHT, type Scene, WIDTH } from './scenes/brush.ts';
import { drawCall } from './scenes/call.ts';
import { drawLandscape } from './scenes/landscape.ts';
import { drawPitch } from './scenes/pitch.ts';
import { drawStage } from './scenes/stage.ts';
import { drawWaves } from './scenes/waves.ts';
import { drawWindow } from './scenes/window.ts';
import type { SandboxVideo } from './types.ts';

const SCENES: ReadonlyMap<string, Scene> = new Map<string, Scene>([
  ['cooking', drawBowl],
  ['travel', drawLandscape],
  ['sports', drawPitch],
  ['lecture', drawBoard],
  ['webinar', drawStage],
  ['tutorial', drawWindow],
  ['all-hands', drawCall],
]);

export function drawThumbnail({ videoId, title, tags }: SandboxVideo): string {
  const draw = tags.map((tag) => SCENES.get(tag)).find((scene) => scene !== undefined) ?? drawWaves;
  const shapes = draw(createBrush(createRandom(toSeed(videoId))), title);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}">${shapes}</svg>`;
}
