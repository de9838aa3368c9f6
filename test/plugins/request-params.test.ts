// The members of a request: which the gateway reads, which mean nothing, and which may be a mistake that costs videos.
import { describe, expect, test } from 'vitest';
import { createVideos } from '../support/create-videos.ts';
import { startListeningGateway } from '../support/listening-gateway.ts';
import { startTestGateway } from '../support/test-gateway.ts';

const QUERY = 'query Count { videos { totalCount } }';
const COUNTED = { status: 200, data: { videos: { totalCount: 0 } }, errors: [] };

describe('is as if it were not there:', () => {
  test.each([
    { operationName: '' },
    { operationName: null },
    { variables: '' },
    { variables: null },
    { extensions: '' },
    { extensions: null },
    { operationName: '', variables: '', extensions: '' },
    { id: 'abc' },
    { doc_id: '123' },
    { documentId: 'sha256:abc', variables: {} },
    { id: null, operationType: 'query', traced: true, retries: 1 },
    { id: 'abc', variables: {}, metadata: { page: 'list' } },
    { context: {} },
    { files: [], variables: null },
    JSON.parse('{"__proto__": "x", "constructor": "y"}'),
    { extensions: { clientLibrary: { name: 'some-client', version: '1.0.0' } } },
  ])('%j beside a document', async (members) => {
    await using started = await startTestGateway();

    expect(await started.post({ query: QUERY, ...members })).toEqual(COUNTED);
  });

  test.each([
    'operationName=&variables=&extensions=',
    'variables=null&extensions=null',
    'variables=%22%22&extensions=%22%22',
    'id=abc&documentId=abc&doc_id=7&more=1',
  ])('%s in an address', async (search) => {
    await using started = await startListeningGateway();

    const { status, body } = await started.send({
      path: `/graphql?query=${encodeURIComponent(QUERY)}&${search}`,
    });

    expect({ status, ...JSON.parse(body) }).toEqual({ status: 200, data: COUNTED.data });
  });
});

test.each([
  { variabels: { choice: 'REFUSE' } },
  { Variables: { choice: 'REFUSE' } },
  { vars: { choice: 'REFUSE' }, variables: null },
  { input: { choice: 'REFUSE' }, variables: '' },
  { args: [{ choice: 'REFUSE' }] },
])('a mutation does not take defaults because its variables have another name: %j', async (members) => {
  const { videos, ids } = createVideos(1);
  const env = { VIDEO_RESTORE: 'off', PERMANENT_DELETION: 'allow' };
  await using started = await startTestGateway({ videos, env, videoRestore: false });
  const query = `mutation ($choice: PermanentDeletionPolicy) {
    deleteVideos(ids: "${ids[0]}", options: { ifPermanent: $choice }) { summary { succeeded } }
  }`;

  const answer = await started.post({ query, ...members });

  expect(answer).toMatchObject({ status: 400, errors: [{ extensions: { code: 'BAD_USER_INPUT' } }] });
  expect(answer.errors[0]?.message).toBe(
    `Expected variables in the member "variables", and got an object or a list in the member "${Object.keys(members)[0]}".`,
  );
  expect(started.sandbox.requests).toEqual([]);
});

test('the message shows 80 printable characters of the name', async () => {
  await using started = await startTestGateway();
  const name = `a\u202e\n${'x'.repeat(5_000)}`;

  const { errors } = await started.post({ query: QUERY, [name]: { choice: 'REFUSE' } });

  expect(errors[0]?.message).toContain(`in the member "a??${'x'.repeat(77)}…".`);
});

test.each([{ id: 'abc' }, { documentId: 'sha256:abc' }, { doc_id: '7' }, { query: '' }, { query: null }, {}])(
  '%j without a document is refused, and says why',
  async (body) => {
    await using started = await startTestGateway();

    const answer = await started.post(body);

    expect(answer).toMatchObject({ status: 400, errors: [{ extensions: { code: 'BAD_USER_INPUT' } }] });
    expect(answer.errors[0]?.message).toContain('Expected a document in "query"');
  },
);
