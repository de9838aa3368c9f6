// What a token sees of the video of a result without videos:read: what the result makes certain, and nothing else.
import { describe, expect, test } from 'vitest';
import { startJwtGateway } from '../support/issue-jwt.ts';

const HIDDEN = [
  'title',
  'description',
  'tags',
  'metadata { key value }',
  'public',
  'panoramic',
  'mp4Support',
  'language',
  'playerId',
  'createdAt',
  'publishedAt',
  'updatedAt',
  'probe',
];
/** Of these, the error makes the whole video null. */
const NOT_NULL = ['tags', 'metadata { key value }', 'probe'];

const remove = (fields: string) =>
  `mutation ($ids: [ID!]!) { deleteVideos(ids: $ids) { results { ... on VideoRemoved { video { ${fields} } } } } }`;
const restore = (fields: string) =>
  `mutation ($ids: [ID!]!) { restoreVideos(ids: $ids) { results { ... on VideoRestored { video { ${fields} } } } } }`;

const CERTAIN = '__typename id removed removedAt deletesAt';
const DATE = expect.stringMatching(/^\d{4}-.*Z$/);

describe('with videos:delete alone', () => {
  test('what a removal makes certain is answered without an error', async () => {
    await using started = await startJwtGateway();
    const { askWith, ids, removedIds } = started;

    const { data, errors } = await askWith('videos:delete', remove(`${CERTAIN} assets { thumbnail }`), {
      ids: [...ids, ...removedIds],
    });

    const video = { __typename: 'Video', removed: true, removedAt: DATE, deletesAt: DATE, assets: null };
    expect(errors).toEqual([]);
    expect(data).toEqual({
      deleteVideos: { results: [...ids, ...removedIds].map((id) => ({ video: { ...video, id } })) },
    });
  });

  test.each(HIDDEN)('%s of a removed video is FORBIDDEN', async (field) => {
    await using started = await startJwtGateway();
    const { askWith, removedIds } = started;

    const { data, errors } = await askWith('videos:delete', remove(`id ${field}`), { ids: removedIds });

    const name = field.split(' ', 1)[0];
    expect(errors).toMatchObject([
      {
        path: ['deleteVideos', 'results', 0, 'video', name],
        message: `Video.${name} requires the scope videos:read, which the token does not have.`,
        extensions: { code: 'FORBIDDEN' },
      },
    ]);
    const video = NOT_NULL.includes(field) ? null : { id: removedIds[0], [field]: null };
    expect(data).toEqual({ deleteVideos: { results: [{ video }] } });
  });

  test('no alias, fragment or directive opens another field', async () => {
    await using started = await startJwtGateway();
    const { askWith, ids } = started;
    const query = `
      mutation ($ids: [ID!]!, $yes: Boolean = true) {
        deleteVideos(ids: $ids) {
          results { __typename ...Outcome ... on VideoRemoved { second: video { removed: title assets: description } } }
        }
      }
      fragment Outcome on DeleteVideoResult { ... on VideoRemoved { video { ...Fields ... on Node { ...Fields } } } }
      fragment Fields on Video { id: language ... @include(if: $yes) { removedAt: createdAt } }`;

    const { data, errors } = await askWith('videos:delete', query, { ids: ids.slice(0, 1) });

    expect(data).toEqual({
      deleteVideos: {
        results: [
          {
            __typename: 'VideoRemoved',
            video: { id: null, removedAt: null },
            second: { removed: null, assets: null },
          },
        ],
      },
    });
    expect(errors.map(({ extensions }) => extensions?.code)).toEqual([1, 2, 3, 4].map(() => 'FORBIDDEN'));
  });
});

describe('with videos:restore alone', () => {
  test('what a restore makes certain is answered without an error', async () => {
    await using started = await startJwtGateway();
    const { askWith, ids, removedIds } = started;

    const { data, errors } = await askWith('videos:restore', restore(CERTAIN), {
      ids: [...removedIds, ...ids],
    });

    const video = { __typename: 'Video', removed: false, removedAt: null, deletesAt: null };
    expect(errors).toEqual([]);
    expect(data).toEqual({
      restoreVideos: { results: [...removedIds, ...ids].map((id) => ({ video: { ...video, id } })) },
    });
  });

  test.each([...HIDDEN, 'assets { player }'])('%s of a live video is FORBIDDEN', async (field) => {
    await using started = await startJwtGateway();
    const { askWith, ids } = started;

    const { data, errors } = await askWith('videos:restore', restore(`id ${field}`), {
      ids: ids.slice(0, 1),
    });

    const name = field.split(' ', 1)[0] ?? '';
    expect(errors).toMatchObject([
      { path: ['restoreVideos', 'results', 0, 'video', name], extensions: { code: 'FORBIDDEN' } },
    ]);
    const video = NOT_NULL.includes(field) ? null : { id: ids[0], [name]: null };
    expect(data).toEqual({ restoreVideos: { results: [{ video }] } });
  });
});

test('with videos:read as well, every field of the video is answered', async () => {
  await using started = await startJwtGateway();
  const { askWith, ids } = started;
  const fields = `${CERTAIN} ${HIDDEN.join(' ')} assets { player }`;
  const scopes = 'videos:delete videos:restore videos:read';

  const removed = await askWith(scopes, remove(fields), { ids });
  const restored = await askWith(scopes, restore(fields), { ids });

  expect([...removed.errors, ...restored.errors]).toEqual([]);
  expect(restored.data).toMatchObject({
    restoreVideos: {
      results: ids.map((id) => ({ video: { id, title: expect.any(String), assets: expect.anything() } })),
    },
  });
});
