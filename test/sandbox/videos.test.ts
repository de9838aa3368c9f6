// Creating, showing and changing single videos.
import { describe, expect, it } from 'vitest';
import { createVideo } from '../../src/sandbox/server.ts';
import { startSandbox } from '../support/sandbox.ts';
import { createClient, readType } from './client.ts';

const now = Date.UTC(2026, 2, 1, 12);

async function start(video = createVideo({ updatedAt: '2025-01-01T00:00:00.000Z' })) {
  const sandbox = await startSandbox({ videos: [video], now: () => now });
  return {
    sandbox,
    video,
    call: createClient(sandbox),
    path: `/videos/${video.videoId}`,
    [Symbol.asyncDispose]: () => sandbox.close(),
  };
}

it('shows a video as upstream does, fields and order', async () => {
  const { videoId, ...video } = createVideo({ playerId: 'pl1', liveStreamId: 'li1' });
  await using started = await start({ videoId, ...video });
  const { call, path } = started;
  const reply = await call('GET', path);
  expect(Object.keys(Object(reply.json))).toEqual([
    'videoId',
    'playerId',
    'title',
    'description',
    'language',
    'languageOrigin',
    'public',
    'panoramic',
    'mp4Support',
    'tags',
    'metadata',
    'createdAt',
    'publishedAt',
    'updatedAt',
    'discarded',
    'discardedAt',
    'deletesAt',
    'source',
    'assets',
  ]);
  expect(reply.json).toMatchObject({
    createdAt: `${video.createdAt.slice(0, 19)}+00:00`,
    source: { uri: `/videos/${videoId}/source`, liveStream: { liveStreamId: 'li1' } },
    assets: {
      iframe: expect.stringContaining(`src="${started.sandbox.url}/vod/${videoId}"`),
      player: `${started.sandbox.url}/vod/${videoId}`,
      hls: `https://cdn.api.video/vod/${videoId}/hls/manifest.m3u8`,
      thumbnail: `${started.sandbox.url}/vod/${videoId}/thumbnail.svg`,
      mp4: `https://cdn.api.video/vod/${videoId}/mp4/source.mp4`,
    },
  });
});

it('leaves out the mp4 of a video without one', async () => {
  await using started = await start(createVideo({ mp4Support: false }));
  const { call, path } = started;
  expect((await call('GET', path)).json).not.toHaveProperty('assets.mp4');
});

it('creates a video from a title alone', async () => {
  await using started = await start();
  const { sandbox, call } = started;
  const reply = await call('POST', '/videos', { title: 'New', watermark: { id: 'ignored' } });
  expect(reply).toMatchObject({
    status: 201,
    json: {
      videoId: expect.stringMatching(/^vi[A-Za-z0-9]{22}$/),
      title: 'New',
      public: true,
      tags: [],
      metadata: [],
      createdAt: '2026-03-01T12:00:00+00:00',
    },
  });
  expect(sandbox.videos()).toHaveLength(2);
});

it('changes what is given, and the time of the update', async () => {
  await using started = await start();
  const { video, call, path } = started;
  const reply = await call('PATCH', path, { tags: ['new'], public: false, language: null });
  expect(reply).toMatchObject({
    status: 200,
    json: { tags: ['new'], public: false, language: null, languageOrigin: null, title: video.title },
  });
  expect(reply.json).toHaveProperty('updatedAt', '2026-03-01T12:00:00+00:00');
});

it('changes nothing for an empty change', async () => {
  await using started = await start();
  const { sandbox, video, call, path } = started;
  expect(await call('PATCH', path, {})).toMatchObject({ status: 200 });
  expect(sandbox.videos()).toEqual([video]);
});

describe('a wrong body', () => {
  it('without a title is told that it is required, beside what else is wrong', async () => {
    await using started = await start();
    const { call } = started;
    const reply = await call('POST', '/videos', { tags: 'maths', metadata: {} });
    expect(reply).toMatchObject({
      status: 400,
      json: {
        title: 'This attribute is required.',
        name: 'title',
        problems: [
          { name: 'title' },
          { title: 'This attribute must be an array.', name: 'tags' },
          { title: 'This attribute must be an array.', name: 'metadata' },
        ],
      },
    });
    expect(readType(reply)).toBe('attribute-required');
  });

  it.each([
    [{ title: 7 }, 'title', 'This attribute must be a string.'],
    [{ public: 'yes' }, 'public', 'This attribute must be a boolean.'],
    [{ tags: [1] }, 'tags.0', 'This attribute must be a string.'],
    [{ metadata: [{ key: 'Author' }] }, 'metadata.0.value', 'This attribute must be a string.'],
    [{ language: 'klingon' }, 'language', 'An attribute is invalid.'],
    [{ language: 'f_r' }, 'language', 'An attribute is invalid.'],
  ])('%j is refused and changes nothing', async (body, name, title) => {
    await using started = await start();
    const { sandbox, video, call, path } = started;
    const reply = await call('PATCH', path, body);
    expect(reply).toMatchObject({ status: 400, json: { name, title } });
    expect(readType(reply)).toBe('invalid-attribute');
    expect(sandbox.videos()).toEqual([video]);
  });

  it('takes every language upstream names, with and without a region', async () => {
    await using started = await start();
    const { call, path } = started;
    for (const language of ['fr', 'fr-BE', 'no', 'zh', null]) {
      expect(await call('PATCH', path, { language })).toMatchObject({ status: 200, json: { language } });
    }
  });
});

it('makes videos with ids of their own', () => {
  const ids = Array.from({ length: 1_000 }, () => createVideo().videoId);
  expect(new Set(ids).size).toBe(1_000);
});
