// The sandbox as the official client of api.video sees it: what that one takes for upstream, it is.
import ApiVideoClient from '@api.video/nodejs-client';
import { describe, expect, it } from 'vitest';
import { createVideo, type SandboxOptions } from '../../src/sandbox/server.ts';
import { startSandbox } from '../support/sandbox.ts';

describe('the official client', () => {
  async function start(options: SandboxOptions = {}, apiKey = 'sandbox-key') {
    const sandbox = await startSandbox(options);
    return {
      sandbox,
      client: new ApiVideoClient({ apiKey, baseUri: sandbox.url }),
      [Symbol.asyncDispose]: () => sandbox.close(),
    };
  }

  it('creates a video and reads it back', async () => {
    await using started = await start();
    const { client, sandbox } = started;
    const metadata = [{ key: 'Author', value: 'Ada Brown' }];
    const created = await client.videos.create({
      title: 'Linear maps',
      tags: ['maths'],
      metadata,
      _public: false,
    });
    const read = await client.videos.get(created.videoId);
    expect(read).toMatchObject({
      title: 'Linear maps',
      tags: ['maths'],
      metadata,
      _public: false,
      discarded: false,
    });
    expect(read.createdAt).toBeInstanceOf(Date);
    expect(sandbox.state(created.videoId)).toBe('live');
  });

  it('lists and filters by title, tags and metadata', async () => {
    const wanted = createVideo({ title: 'Fourier series', tags: ['maths', 'year 2'] });
    await using started = await start({ videos: [wanted, createVideo({ tags: ['maths'] }), createVideo()] });
    const { client } = started;
    const all = await client.videos.list({ pageSize: 2 });
    expect(all.pagination).toMatchObject({ itemsTotal: 3, pagesTotal: 2, currentPageItems: 2 });
    const ids = async (args: Parameters<typeof client.videos.list>[0]) =>
      (await client.videos.list(args)).data.map((video) => video.videoId);
    expect(await ids({ title: 'fourier' })).toEqual([wanted.videoId]);
    expect(await ids({ tags: ['year 2', 'maths'] })).toEqual([wanted.videoId]);
    expect(await ids({ metadata: { Author: 'nobody' } })).toEqual([]);
  });

  it('updates a video', async () => {
    const video = createVideo({ updatedAt: '2024-01-01T00:00:00.000Z' });
    await using started = await start({ videos: [video] });
    const { client } = started;
    const updated = await client.videos.update(video.videoId, { title: 'Another title', language: 'fr' });
    expect(updated).toMatchObject({ title: 'Another title', language: 'fr', description: video.description });
    expect(updated.updatedAt?.getTime()).toBeGreaterThan(Date.parse(video.updatedAt));
  });

  it('deletes, finds the video among the discarded ones, and restores it', async () => {
    const video = createVideo();
    await using started = await start({ videos: [video] });
    const { client, sandbox } = started;
    await client.videos.delete(video.videoId);
    expect(sandbox.state(video.videoId)).toBe('removed');
    await expect(client.videos.get(video.videoId)).rejects.toMatchObject({ code: 404 });

    const listed = await client.videos.listDiscarded({ title: 'tour' });
    expect(listed.data).toMatchObject([{ videoId: video.videoId, discarded: true }]);
    const discarded = await client.videos.getDiscarded(video.videoId);
    const keptMs = Number(discarded.deletesAt) - Number(discarded.discardedAt);
    expect(keptMs).toBe(90 * 24 * 60 * 60 * 1000);

    const restored = await client.videos.updateDiscarded(video.videoId, { discarded: false });
    expect(restored).toMatchObject({ videoId: video.videoId, discarded: false });
    expect(sandbox.state(video.videoId)).toBe('live');
    expect(sandbox.requests.map((request) => request.status)).toEqual([204, 404, 200, 200, 200]);
  });

  it('gets an access token', async () => {
    await using started = await start();
    const { client } = started;
    expect(await client.getAccessToken()).toMatchObject({ tokenType: 'Bearer', expiresIn: 3600 });
  });

  it('is told what is wrong with a request', async () => {
    await using started = await start();
    const { client } = started;
    const create = client.videos.create({ title: '' });
    await expect(create).rejects.toMatchObject({ code: 400, problemDetails: { name: 'title' } });
    await expect(client.videos.list({ pageSize: 101 })).rejects.toMatchObject({ code: 400 });
    await expect(client.videos.delete('viUnknown')).rejects.toMatchObject({ code: 404 });
  });

  it('is refused with a wrong key', async () => {
    await using started = await start({}, 'wrong-key');
    const { client } = started;
    await expect(client.videos.list()).rejects.toMatchObject({ code: 401 });
  });

  it('is held to the limits and told of them', async () => {
    await using started = await start({ limits: { reads: 2, writes: 1 } });
    const { client, sandbox } = started;
    const { headers } = await client.videos.listWithResponseHeaders();
    expect(headers).toMatchObject({ 'x-ratelimit-limit': '2', 'x-ratelimit-remaining': '1' });
    await client.videos.list();
    await expect(client.videos.list()).rejects.toMatchObject({ code: 429 });
    await client.videos.create({ title: 'Writes are counted apart' });
    await expect(client.videos.create({ title: 'One too many' })).rejects.toMatchObject({ code: 429 });
    expect(sandbox.videos()).toHaveLength(1);
  });
});
