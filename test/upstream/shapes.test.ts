// What counts as upstream's JSON, field by field: a wrong one is an error, also where nothing would show it.
import { describe, expect, test } from 'vitest';
import { readVideo, readVideoPage, ShapeError } from '../../src/upstream/shapes.ts';

const TIME = '2026-05-01T12:00:00+00:00';
const TIMES = ['createdAt', 'publishedAt', 'updatedAt', 'discardedAt', 'removedAt', 'deletesAt'] as const;

const toBody = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));

describe.each([
  ['live', { discarded: false }],
  ['removed in the discarded dialect', { discarded: true, discardedAt: TIME, deletesAt: TIME }],
  ['removed in the removed dialect', { removed: true, removedAt: TIME, deletesAt: TIME }],
])('a video that is %s', (_name, state) => {
  const video = { videoId: 'vi1', createdAt: TIME, publishedAt: TIME, updatedAt: TIME, ...state };

  test.each(TIMES)('is refused where its %s is no date, alone and on a page', (field) => {
    for (const wrong of ['', 'soon', '2026-13-01', 5, true, {}, [TIME]]) {
      const odd = { ...video, [field]: wrong };
      const page = { data: [video, odd], pagination: { itemsTotal: 2 } };

      expect(() => readVideo(toBody(odd))).toThrow(ShapeError);
      expect(() => readVideoPage(toBody(page))).toThrow(new RegExp(field));
    }
  });

  test.each(TIMES)('is read where its %s is null or not there', (field) => {
    const { [field]: _, ...without }: Record<string, unknown> = video;

    expect(readVideo(toBody({ ...video, [field]: null }))).toEqual(readVideo(toBody(without)));
  });
});

test.each([
  ['discardedAt', { discarded: true, discardedAt: TIME }, TIME],
  ['removedAt', { removed: true, removedAt: TIME }, TIME],
  ['neither', { discarded: true }, null],
  ['neither where the flag is off', { discarded: false, discardedAt: TIME, deletesAt: TIME }, null],
])('the time of removal is that of %s', (_name, fields, removedAt) => {
  expect(readVideo(toBody({ videoId: 'vi1', ...fields }))).toMatchObject({ removedAt, deletesAt: null });
});

test.each([
  ['{"videoId":"vi1","__proto__":{"discarded":true}}', { id: 'vi1', removed: false }],
  ['{"videoId":"vi1","constructor":1,"toString":2}', { id: 'vi1', removed: false }],
])('names of the language in %s are fields that nobody asks for', (body, video) => {
  expect(readVideo(Buffer.from(body))).toMatchObject(video);
});
