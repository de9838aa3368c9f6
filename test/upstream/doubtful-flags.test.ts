// Flags that do not show whether a video is live or removed: a read of it then shows nothing.
import { expect, test } from 'vitest';
import { readVideo, readVideoPage, ShapeError } from '../../src/upstream/shapes.ts';

const TIME = '2026-05-01T12:00:00+00:00';
const LIVE = { videoId: 'vi1', title: 'A title', createdAt: TIME };

const toBody = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));
const toPage = (...data: unknown[]) => toBody({ data, pagination: { itemsTotal: data.length } });

test.each<[string, object, string]>([
  ['a date and no flag', { discardedAt: TIME, deletesAt: TIME }, 'discarded'],
  ['a date and a flag that is null', { discarded: null, discardedAt: TIME }, 'discarded'],
  ['the other date and no flag', { removedAt: TIME, deletesAt: TIME }, 'removed'],
  ['the other date and a flag that is null', { removed: null, removedAt: TIME }, 'removed'],
  ['only the date of its end', { deletesAt: TIME }, 'discarded'],
  ['only the date of its end, and a flag that is null', { removed: null, deletesAt: TIME }, 'removed'],
  ['a date of another form and no flag', { discardedAt: 1 }, 'discarded'],
  ['flags that disagree', { discarded: false, removed: true }, 'removed'],
  ['flags that disagree the other way', { discarded: true, removed: false }, 'removed'],
])('a video with %s is neither live nor removed', (_name, fields, field) => {
  const odd = { ...LIVE, ...fields };
  const reported: unknown[] = [];

  expect(() => readVideo(toBody(odd), (id, name) => reported.push([id, name]))).toThrow(ShapeError);
  expect(readVideoPage(toPage(LIVE, odd))).toMatchObject({ videos: [{ removed: false }], unreadable: 1 });
  expect(reported).toEqual([['vi1', field]]);
  // Right after a write, other fields may still be those of the state before.
  const reportedOfWrite: unknown[] = [];
  const written = readVideo(toBody(odd), (id, name) => reportedOfWrite.push([id, name]), 'write');
  expect(written.removed).toBe(Reflect.get(odd, 'discarded') === true);
  expect(reportedOfWrite).toEqual([]);
});

test.each([
  ['no flag and no date', {}],
  ['flags and dates that are null', { discarded: null, removed: null, discardedAt: null, deletesAt: null }],
  ['a flag that is off, and a date', { removed: false, removedAt: TIME }],
  ['two flags that are off', { discarded: false, removed: false }],
])('a video with %s is live', (_name, fields) => {
  const odd: string[] = [];
  const video = readVideo(toBody({ ...LIVE, ...fields }), (_id, field) => odd.push(field));

  expect(video).toMatchObject({ removed: false, removedAt: null, deletesAt: null });
  expect(odd).toEqual([]);
});
