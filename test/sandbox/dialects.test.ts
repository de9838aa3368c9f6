// The two ways in which upstream names removal, over the same state.
import { describe, expect, it } from 'vitest';
import { createVideo } from '../../src/sandbox/server.ts';
import { startSandbox } from '../support/sandbox.ts';
import { createClient, readIds, readType } from './client.ts';

const removedAt = new Date(Date.now() - 60_000).toISOString();

describe('the discarded dialect', () => {
  async function start() {
    const live = createVideo();
    const removed = createVideo({ removedAt });
    const sandbox = await startSandbox({ videos: [live, removed] });
    return {
      live,
      removed,
      sandbox,
      call: createClient(sandbox),
      [Symbol.asyncDispose]: () => sandbox.close(),
    };
  }

  it('hides a removed video from /videos and shows it under /discarded/videos', async () => {
    await using started = await start();
    const { live, removed, call } = started;
    expect(readIds(await call('GET', '/videos'))).toEqual([live.videoId]);
    expect(readIds(await call('GET', '/discarded/videos'))).toEqual([removed.videoId]);
    expect(readType(await call('GET', `/videos/${removed.videoId}`))).toBe('resource-not-found');
    expect(readType(await call('GET', `/discarded/videos/${live.videoId}`))).toBe('resource-not-found');
  });

  it('names the fields discarded and discardedAt, without assets while removed', async () => {
    await using started = await start();
    const { live, removed, call } = started;
    const shown = await call('GET', `/discarded/videos/${removed.videoId}`);
    expect(shown.json).toMatchObject({ discarded: true, assets: null });
    expect(shown.json).toHaveProperty(
      'discardedAt',
      expect.stringMatching(/^\d{4}(-\d\d){2}T(\d\d:){2}\d\d\+00:00$/),
    );
    const whole = await call('GET', `/videos/${live.videoId}`);
    expect(whole.json).toMatchObject({ discarded: false, discardedAt: null, deletesAt: null });
    expect(whole.json).not.toHaveProperty('removed');
  });

  it('restores by PATCH of the discarded video, once', async () => {
    await using started = await start();
    const { removed, sandbox, call } = started;
    const path = `/discarded/videos/${removed.videoId}`;
    expect(await call('PATCH', path, { discarded: false })).toMatchObject({
      status: 200,
      json: { discarded: false },
    });
    expect(sandbox.state(removed.videoId)).toBe('live');
    expect(await call('PATCH', path, { discarded: false })).toMatchObject({ status: 404 });
  });

  it.each([{ discarded: true }, { discarded: null }, { discarded: 'false' }, {}, undefined])(
    'refuses to restore with %j',
    async (body) => {
      await using started = await start();
      const { removed, sandbox, call } = started;
      const reply = await call('PATCH', `/discarded/videos/${removed.videoId}`, body);
      expect(reply).toMatchObject({
        status: 400,
        json: { name: 'discarded', detail: 'Value must be false.' },
      });
      expect(sandbox.state(removed.videoId)).toBe('removed');
    },
  );

  it('knows neither the removed parameter nor the removed attribute', async () => {
    await using started = await start();
    const { live, removed, sandbox, call } = started;
    expect(readIds(await call('GET', '/videos?removed=true'))).toEqual([live.videoId]);
    expect(await call('PATCH', `/videos/${removed.videoId}`, { removed: false })).toMatchObject({
      status: 404,
    });
    expect(sandbox.state(removed.videoId)).toBe('removed');
  });

  it('shows the video as still discarded in the answer to a restore, where asked to', async () => {
    const video = createVideo({ removedAt });
    await using sandbox = await startSandbox({ videos: [video], restoreAnswer: 'stale' });
    const call = createClient(sandbox);
    const restored = await call('PATCH', `/discarded/videos/${video.videoId}`, { discarded: false });
    expect(restored).toMatchObject({ status: 200, json: { discarded: true, assets: null } });
    expect(sandbox.state(video.videoId)).toBe('live');
  });
});

describe('the removed dialect', () => {
  async function start() {
    const live = createVideo();
    const removed = createVideo({ removedAt });
    const sandbox = await startSandbox({ videos: [live, removed], dialect: 'removed' });
    return {
      live,
      removed,
      sandbox,
      call: createClient(sandbox),
      [Symbol.asyncDispose]: () => sandbox.close(),
    };
  }

  it('answers nothing under /discarded', async () => {
    await using started = await start();
    const { removed, call } = started;
    for (const path of ['/discarded/videos', `/discarded/videos/${removed.videoId}`]) {
      const reply = await call('GET', path);
      expect([reply.status, readType(reply)]).toEqual([404, 'unrecognized-request-url']);
    }
  });

  it('lists removed videos with removed=true and takes no other value', async () => {
    await using started = await start();
    const { live, removed, call } = started;
    expect(readIds(await call('GET', '/videos'))).toEqual([live.videoId]);
    expect(readIds(await call('GET', '/videos?removed=true'))).toEqual([removed.videoId]);
    for (const value of ['false', '1', '']) {
      expect(await call('GET', `/videos?removed=${value}`)).toMatchObject({
        status: 400,
        json: { name: 'removed' },
      });
    }
  });

  it('shows a removed video under /videos with its removed fields', async () => {
    await using started = await start();
    const { removed, call } = started;
    const { json } = await call('GET', `/videos/${removed.videoId}`);
    expect(json).toMatchObject({ removed: true, assets: null });
    expect(json).toHaveProperty('removedAt', expect.stringContaining('+00:00'));
    expect(json).not.toHaveProperty('discarded');
  });

  it('restores by PATCH of the video, and leaves a live one as it is', async () => {
    await using started = await start();
    const { live, removed, sandbox, call } = started;
    for (const { videoId } of [removed, live]) {
      const reply = await call('PATCH', `/videos/${videoId}`, { removed: false });
      expect(reply).toMatchObject({ status: 200, json: { removed: false } });
      expect(sandbox.state(videoId)).toBe('live');
    }
    expect(sandbox.videos()).toContainEqual(live);
  });

  it('takes no value but false for removed', async () => {
    await using started = await start();
    const { live, sandbox, call } = started;
    const reply = await call('PATCH', `/videos/${live.videoId}`, { removed: true });
    expect(reply).toMatchObject({ status: 400, json: { name: 'removed', detail: 'Value must be false.' } });
    expect(sandbox.state(live.videoId)).toBe('live');
  });
});
