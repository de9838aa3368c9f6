// The check writes to the gateway's own probe video. Whatever api.video shows in its place, it writes to no other video.
import { expect, test } from 'vitest';
import { PROBE_VIDEO } from '../../src/removal/probe.ts';
import { check } from '../support/check.ts';
import { FOREIGN, startForeignUpstream } from '../support/foreign-upstream.ts';

test.each([
  ['with another title and other tags', { title: FOREIGN.title, tags: FOREIGN.tags }],
  ['with the title of the probe video', { title: PROBE_VIDEO.title, tags: ['mine'] }],
  ['with the tag of the probe video', { title: 'My wedding', tags: PROBE_VIDEO.tags }],
])('a video %s is neither deleted nor restored', async (_name, shown) => {
  await using upstream = await startForeignUpstream(shown);

  await check(`http://127.0.0.1:${upstream.port}`, { write: true });

  expect(new Set(upstream.writes)).toEqual(new Set(['POST /videos']));
});
