// A page that plays a video as a player would, though there is no recording: the camera moves over the picture, against a
// clock that can be paused and moved. It loads nothing, and runs nothing but its own script.
import { createHash } from 'node:crypto';
import { drawThumbnail } from './draw-thumbnail.ts';
import { toSeed } from './random.ts';
import type { SandboxVideo } from './types.ts';

const STYLE = `
:root { color-scheme: dark; font: 500 15px/1.4 system-ui, sans-serif; color: #fff; background: #000 }
body { margin: 0; height: 100vh; overflow: hidden; position: relative; user-select: none }
#scene, #scene svg { position: absolute; inset: 0; width: 100%; height: 100% }
h1 { position: absolute; inset: 0 0 auto; margin: 0; padding: 14px 18px 40px; font-size: 16px; font-weight: 600;
  background: linear-gradient(#000a, #0000); overflow-wrap: anywhere }
button { border: 0; color: #fff; cursor: pointer; font: inherit }
:focus-visible { outline: 3px solid #fff; outline-offset: 2px }
#big { position: absolute; inset: 0; margin: auto; width: min(84px, 40vh); aspect-ratio: 1; border-radius: 50%; background: #10131ad9;
  box-shadow: 0 4px 24px #0006; transition: transform .15s }
#big:hover { transform: scale(1.06) }
#big svg { width: 44%; margin-left: 8%; vertical-align: middle }
h1, #bar { pointer-events: none }
#bar > * { pointer-events: auto }
body.started #big { display: none }
#bar { position: absolute; inset: auto 0 0; display: flex; gap: 12px; align-items: center; padding: 40px 16px 12px;
  background: linear-gradient(#0000, #000c); font-variant-numeric: tabular-nums }
#small { width: 32px; height: 32px; padding: 4px; border-radius: 6px; background: none }
#small svg { width: 24px; vertical-align: middle }
body.playing .play, body:not(.playing) .pause { display: none }
input { flex: 1; min-width: 40px; height: 24px; margin: 0; accent-color: #fff; cursor: pointer }
@media (prefers-reduced-motion: reduce) { #big { transition: none } }
`;

// The animation is the clock. Whoever wants less motion gets the clock without the camera.
const SCRIPT = `
const find = (id) => document.getElementById(id);
const [scene, seek, time] = ['scene', 'seek', 'time'].map(find);
const duration = Number(seek.max) * 1000;
const still = matchMedia('(prefers-reduced-motion: reduce)').matches;
const stops = ['none', 'scale(1.3) translate(6%, 4%)', 'scale(1.15) translate(-5%, 0)', 'scale(1.45) translate(-4%, -7%)'];
const frames = Array.from({ length: Math.ceil(duration / 6000) + 1 }, (_, at) => ({ transform: still ? 'none' : stops[at % 4], easing: 'ease-in-out' }));
const film = scene.animate(frames, { duration, fill: 'both' });
film.pause();
const clock = (seconds) => Math.floor(seconds / 60) + ':' + String(Math.floor(seconds % 60)).padStart(2, '0');
const show = () => {
  const seconds = film.currentTime / 1000;
  const isPlaying = film.playState === 'running';
  seek.value = seconds;
  seek.setAttribute('aria-valuetext', clock(seconds) + ' of ' + clock(duration / 1000));
  time.textContent = clock(seconds) + ' / ' + clock(duration / 1000);
  document.body.classList.toggle('playing', isPlaying);
  find('small').setAttribute('aria-label', isPlaying ? 'Pause' : 'Play');
  if (isPlaying) requestAnimationFrame(show);
};
const toggle = () => {
  if (film.playState === 'running') film.pause();
  else film.play();
  if (!document.body.classList.contains('started')) {
    const hadFocus = document.activeElement === find('big');
    document.body.classList.add('started');
    if (hadFocus) find('small').focus();
  }
  show();
};
for (const id of ['big', 'small', 'scene']) find(id).addEventListener('click', toggle);
seek.addEventListener('input', () => { film.currentTime = Math.min(seek.value * 1000, duration - 1); show(); });
film.addEventListener('finish', show);
show();
`;

const PLAY = 'M6 3.5v17l15 -8.5z';
const PAUSE = 'M6 4h4v16H6zM14 4h4v16h-4z';

const hashOf = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

/** Names no frame-ancestors: pages of any origin embed a player. */
export const PLAYER_POLICY = [
  "default-src 'none'",
  // The empty icon, without which a browser asks for /favicon.ico.
  'img-src data:',
  `script-src ${hashOf(SCRIPT)}`,
  `style-src ${hashOf(STYLE)}`,
  "base-uri 'none'",
  "form-action 'none'",
  "require-trusted-types-for 'script'",
].join('; ');

export function renderPlayer(video: SandboxVideo): string {
  const title = escapeHtml(video.title);
  const poster = drawThumbnail(video).replace(
    '<svg ',
    '<svg preserveAspectRatio="xMidYMid slice" aria-hidden="true" ',
  );
  const seconds = 40 + (toSeed(video.videoId) % 300);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<link rel="icon" href="data:,">
<style>${STYLE}</style>
</head>
<body>
<main>
<div id="scene">${poster}</div>
<h1>${title}</h1>
<button id="big" type="button" aria-label="Play">${icon(PLAY)}</button>
<div id="bar">
<button id="small" type="button" aria-label="Play">${icon(PLAY, 'play')}${icon(PAUSE, 'pause')}</button>
<input id="seek" type="range" min="0" max="${seconds}" step="any" value="0" aria-label="Position">
<span id="time"></span>
</div>
</main>
<script>${SCRIPT}</script>
</body>
</html>
`;
}

function icon(shape: string, name = 'icon'): string {
  return `<svg class="${name}" viewBox="0 0 24 24" fill="currentColor" aria-hidden="true"><path d="${shape}"/></svg>`;
}

function escapeHtml(text: string): string {
  const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
  return text.replace(/[&<>"]/g, (character) => entities[character] ?? character);
}
