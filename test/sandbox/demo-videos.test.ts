// The demo project, and the command that serves it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { demoVideos } from '../../src/sandbox/demo-videos.ts';
import { eventually } from '../support/eventually.ts';
import { createClient } from './client.ts';

const now = Date.UTC(2026, 5, 1);
const DAY_MS = 24 * 60 * 60 * 1000;
const MAIN = fileURLToPath(new URL('../../src/sandbox/run-sandbox.ts', import.meta.url));

describe('the demo videos', () => {
  const videos = demoVideos(now);
  const removed = videos.filter((video) => video.removedAt !== null);

  it('are 200 live and 40 removed ones, with ids of their own, the same every time', () => {
    expect([videos.length, removed.length]).toEqual([240, 40]);
    expect(new Set(videos.map((video) => video.videoId)).size).toBe(240);
    expect(demoVideos(now)).toEqual(videos);
  });

  it('were removed at different times of the last 85 days', () => {
    const ages = removed.map((video) => now - Date.parse(video.removedAt ?? ''));
    expect(Math.min(...ages)).toBeGreaterThan(0);
    expect(Math.max(...ages)).toBeLessThan(85 * DAY_MS);
    expect(new Set(removed.map((video) => video.deletesAt)).size).toBe(40);
  });

  it('have times in a possible order within two years', () => {
    for (const { createdAt, updatedAt, removedAt } of videos) {
      const times = [createdAt, updatedAt, removedAt ?? new Date(now).toISOString()];
      expect(times.toSorted()).toEqual(times);
      expect(now - Date.parse(createdAt)).toBeLessThan(731 * DAY_MS);
    }
  });

  it('hold something of every kind', () => {
    const kinds = [
      videos.filter((video) => !video.public),
      videos.filter((video) => video.panoramic),
      videos.filter((video) => video.liveStreamId !== undefined),
      videos.filter((video) => !video.mp4Support),
      videos.filter((video) => video.language === null),
    ];
    for (const kind of kinds) expect(kind.length).toBeGreaterThan(5);
    expect(new Set(videos.map((video) => video.title)).size).toBeGreaterThan(60);
  });
});

describe('the command', () => {
  function run(...args: string[]) {
    const child = spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    const output = { stdout: '', stderr: '' };
    child.stdout.on('data', (chunk) => {
      output.stdout += String(chunk);
    });
    child.stderr.on('data', (chunk) => {
      output.stderr += String(chunk);
    });
    return { child, output, [Symbol.dispose]: () => child.kill('SIGKILL') };
  }

  it('serves the demo videos until it is told to stop', async () => {
    using command = run('--port', '0', '--api-key', 'my-key', '--dialect', 'removed', '--reads', '7');
    const { child, output } = command;
    await eventually(() => expect(output.stdout).toContain('curl'));
    expect(output.stdout).toContain('my-key');
    const url = /http:\/\/[\d.:]+/.exec(output.stdout)?.[0] ?? '';
    const authorization = `Basic ${Buffer.from('my-key:').toString('base64')}`;
    const reply = await createClient({ url }, authorization)('GET', '/videos?removed=true');
    expect(reply.json).toMatchObject({ pagination: { itemsTotal: 40 } });
    expect(reply.headers.get('X-RateLimit-Limit')).toBe('7');
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
  });

  it.each([
    ['--port', '70000'],
    ['--dialect', 'klingon'],
    ['--video-restore', 'maybe'],
    ['--unknown', 'option'],
  ])('refuses %s %s in one line', async (name, value) => {
    using command = run(name, value);
    const { child, output } = command;
    expect(await once(child, 'close')).toEqual([2, null]);
    expect(output.stderr).toMatch(new RegExp(`^sandbox: .*${name}.*\n$`));
    expect(output.stdout).toBe('');
  });
});
