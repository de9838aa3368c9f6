// What counts as upstream's JSON: strict on what decides, lenient on what is only shown, field by field.
import { describe, expect, test } from 'vitest';
import { readVideo, readVideoPage, ShapeError } from '../../src/upstream/shapes.ts';

const TIME = '2026-05-01T12:00:00+00:00';

const toBody = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));
const toPage = (...data: unknown[]) => toBody({ data, pagination: { itemsTotal: data.length } });

const WHOLE = {
  videoId: 'vi1',
  title: 'A title',
  description: 'What it shows',
  tags: ['one', 'two'],
  metadata: [{ key: 'Author', value: 'Jane' }],
  public: true,
  panoramic: false,
  mp4Support: true,
  language: 'en',
  playerId: 'pl1',
  createdAt: TIME,
  publishedAt: TIME,
  updatedAt: TIME,
  assets: { hls: 'h', iframe: 'i', player: 'p', thumbnail: 't', mp4: 'm' },
};
const STATES = [
  ['live', { discarded: false }],
  ['removed in the discarded dialect', { discarded: true, discardedAt: TIME, deletesAt: TIME }],
  ['removed in the removed dialect', { removed: true, removedAt: TIME, deletesAt: TIME }],
] as const;

function read(raw: object) {
  const odd: string[] = [];
  const video = readVideo(toBody(raw), (id, field) => odd.push(`${id} ${field}`));
  return { video, odd };
}

const NO_TEXTS = [5, 1e308, true, {}, [], ['a'], { a: 'b' }];
const NO_FLAGS = ['true', 'false', '', 1, 0, {}, []];
const NO_TIMES = [
  '',
  'soon',
  '2001',
  '0000-00-00T00:00:00+00:00',
  '0000-00-00 00:00:00',
  '-0001-11-30T00:00:00+00:00',
  '2026-13-01T12:00:00+00:00',
  '2026-02-30T12:00:00+00:00',
  '2026-05-01',
  '2026-05-01T12:00:00',
  '2026-05-01T24:00:00+00:00',
  1_700_000_000,
  true,
  {},
  [TIME],
];
const WRONG: Record<string, readonly unknown[]> = {
  title: NO_TEXTS,
  description: NO_TEXTS,
  language: NO_TEXTS,
  playerId: NO_TEXTS,
  public: NO_FLAGS,
  panoramic: NO_FLAGS,
  mp4Support: NO_FLAGS,
  createdAt: NO_TIMES,
  publishedAt: NO_TIMES,
  updatedAt: NO_TIMES,
};

describe.each(STATES)('a video that is %s', (_name, state) => {
  const whole = { ...WHOLE, ...state };
  const { video: usual } = read(whole);

  test.each(Object.entries(WRONG))(
    'has no %s where that has another form, and all the rest',
    (field, forms) => {
      for (const form of forms) {
        const { video, odd } = read({ ...whole, [field]: form });

        expect(video).toEqual({ ...usual, [field]: null });
        expect(odd).toEqual([`vi1 ${field}`]);
      }
    },
  );

  test.each([...Object.keys(WRONG), 'tags', 'metadata', 'assets'])(
    'has none, and nothing is reported, where its %s is null or not there',
    (field) => {
      const { [field]: _, ...without }: Record<string, unknown> = whole;
      const { video, odd } = read({ ...whole, [field]: null });

      expect(video).toEqual(read(without).video);
      expect(odd).toEqual([]);
    },
  );

  test('has the tags and the metadata that can be read', () => {
    for (const [field, form, shown] of [
      ['tags', ['one', null, 'two'], ['one', 'two']],
      ['tags', { 0: 'a' }, []],
      ['tags', 'one', []],
      ['tags', [[], {}, 1], []],
      [
        'metadata',
        [
          { key: 'a', value: 1 },
          { key: 'b', value: 'c' },
        ],
        [{ key: 'b', value: 'c' }],
      ],
      ['metadata', {}, []],
      ['metadata', { Author: 'Jane' }, []],
      ['metadata', [null, 'a', {}, { key: 1, value: 'a' }], []],
    ] as const) {
      const { video, odd } = read({ ...whole, [field]: form });

      expect(video).toEqual({ ...usual, [field]: shown, isPartial: true });
      expect(odd).toEqual([`vi1 ${field}`]);
    }
    expect(read({ ...whole, metadata: [{ key: 'a', value: null }, { key: 'b' }] })).toEqual({
      video: {
        ...usual,
        metadata: [
          { key: 'a', value: '' },
          { key: 'b', value: '' },
        ],
      },
      odd: [],
    });
  });

  test('cannot be read where its id or a flag has another form, and its page goes on without it', () => {
    for (const wrong of [
      { videoId: '' },
      { videoId: 1 },
      { videoId: null },
      { discarded: 'true' },
      { discarded: 1 },
      { removed: 0 },
      { removed: [] },
    ]) {
      const odd = { ...whole, ...wrong };
      const [field = ''] = Object.keys(wrong);
      const reported: unknown[] = [];

      expect(() => readVideo(toBody(odd))).toThrow(ShapeError);
      const page = readVideoPage(toPage(whole, odd, whole), (id, name) => reported.push([id, name]));

      expect(page).toMatchObject({ videos: [usual, usual], total: 3, received: 3, unreadable: 1 });
      expect(reported).toEqual([[field === 'videoId' ? undefined : 'vi1', field]]);
    }
  });
});

test('a live video has no assets, or not all, where these have another form', () => {
  const { video: usual } = read(WHOLE);
  for (const form of [[], 'a', 1, true]) {
    expect(read({ ...WHOLE, assets: form })).toEqual({
      video: { ...usual, assets: null },
      odd: ['vi1 assets'],
    });
  }
  const { video, odd } = read({ ...WHOLE, assets: { ...WHOLE.assets, hls: 1, mp4: [] } });
  expect(video.assets).toEqual({ ...WHOLE.assets, hls: null, mp4: null });
  expect(odd).toEqual(['vi1 assets.hls', 'vi1 assets.mp4']);
});

test.each(['discardedAt', 'removedAt', 'deletesAt'])(
  'a removed video has no such time where its %s has another form',
  (field) => {
    for (const form of NO_TIMES) {
      const { video, odd } = read({ videoId: 'vi1', discarded: true, [field]: form });

      expect(video).toMatchObject({ removed: true, removedAt: null, deletesAt: null });
      expect(odd).toEqual([`vi1 ${field}`]);
    }
  },
);

test.each([
  '2026-05-01T12:00:00Z',
  '2026-05-01T12:00:00.123456+02:00',
  '2026-05-01T12:00:00+0000',
  '2026-05-01 12:00:00+00:00',
  '2024-02-29T12:00:00+00:00',
])('%s is a time', (time) => {
  expect(read({ videoId: 'vi1', createdAt: time })).toMatchObject({ video: { createdAt: time }, odd: [] });
});

test.each([
  ['discardedAt', { discarded: true, discardedAt: TIME }, TIME],
  ['removedAt', { removed: true, removedAt: TIME }, TIME],
  ['neither', { discarded: true }, null],
  [
    'removedAt where discardedAt has another form',
    { discarded: true, discardedAt: 1, removedAt: TIME },
    TIME,
  ],
  ['neither where both have another form', { discarded: true, discardedAt: 1, removedAt: 'soon' }, null],
  ['neither where the flag is off', { discarded: false, discardedAt: TIME, deletesAt: TIME }, null],
])('the time of removal is that of %s', (_name, fields, removedAt) => {
  expect(readVideo(toBody({ videoId: 'vi1', ...fields }))).toMatchObject({ removedAt, deletesAt: null });
});

test.each([
  ['{"videoId":"vi1","__proto__":{"discarded":true}}', { id: 'vi1', removed: false }],
  ['{"videoId":"vi1","constructor":1,"toString":2}', { id: 'vi1', removed: false }],
  ['{"videoId":"vi1","assets":{"__proto__":{"hls":"x"}}}', { assets: { hls: null } }],
  ['{"videoId":"vi1","title":"a","title":"b"}', { title: 'b' }],
  ['{"videoId":"vi1","title":"a\\ud800b"}', { title: 'a\ufffdb' }],
  ['{"videoId":"vi1","tags":["\\udc00"]}', { tags: ['\ufffd'] }],
  ['\ufeff{"videoId":"vi1"}', { id: 'vi1' }],
])('%s is read', (body, video) => {
  expect(readVideo(Buffer.from(body))).toMatchObject(video);
});

test.each([
  '[]',
  '{}',
  '{"data":{},"pagination":{"itemsTotal":0}}',
  '{"data":[]}',
  '{"data":[],"pagination":{"itemsTotal":"0"}}',
  '{"data":[],"pagination":{"itemsTotal":-1}}',
  '{"data":[],"pagination":{"itemsTotal":0.5}}',
  '{"data":[],"pagination":[]}',
  '{"data":[null],"pagination":{"itemsTotal":1}}',
  '{"data":[{},{"videoId":""}],"pagination":{"itemsTotal":2}}',
])('%s is no page', (body) => {
  expect(() => readVideoPage(Buffer.from(body))).toThrow(ShapeError);
});

test('a page leaves out items that are no videos, and counts them', () => {
  expect(readVideoPage(toPage(null, 1, [], 'vi1', { videoId: 'vi1' }))).toMatchObject({
    videos: [{ id: 'vi1' }],
    total: 5,
    unreadable: 4,
  });
});
