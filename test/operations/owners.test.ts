// Whose operations are: each caller sees its own, and operations:manage those of the project. Credentials rest encrypted.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { captureLog } from '../support/capture-log.ts';
import { createFolder } from '../support/create-folder.ts';
import { createVideos } from '../support/create-videos.ts';
import { eventually } from '../support/eventually.ts';
import { createToken, JWT, key, SECRET } from '../support/issue-jwt.ts';
import { startKeptGateway } from '../support/kept-gateway.ts';
import {
  answer,
  ask,
  cancelOperation,
  deleteVideos,
  endOf,
  findOperation,
  idsOf,
  KEPT,
  start,
  undoOperation,
} from '../support/operation-calls.ts';
import { startSandbox } from '../support/sandbox.ts';
import { startTestGateway } from '../support/test-gateway.ts';

const ALL = 'videos:read videos:delete videos:restore';
const ONE_WRITE = { reads: 500, writes: 1 };

async function headersOf(subject: string | undefined, scope: string) {
  const token = createToken({ scope });
  const signed = await (subject === undefined ? token.setSubject('') : token.setSubject(subject)).sign(
    key(SECRET),
  );
  return { authorization: `Bearer ${signed}` };
}

const startJwt = (ids: ReturnType<typeof createVideos>) =>
  startTestGateway({
    ...KEPT,
    dialect: 'removed',
    videos: ids.videos,
    limits: ONE_WRITE,
    env: { ...JWT, JWT_SECRET: SECRET },
  });

test('a caller sees, cancels and undoes its own operations, and none of another subject', async () => {
  const made = createVideos(2);
  await using started = await startJwt(made);
  const ann = await headersOf('ann', ALL);
  const bob = await headersOf('bob', ALL);
  const { id } = await start(started, made.ids, { idempotencyKey: 'k' }, ann);
  const bobs = await start(started, ['-'], { idempotencyKey: 'k' }, bob);

  const seen = await ask(
    started,
    `{ operation(id: "${id}") { id } node(id: "${id}") { id } nodes(ids: ["${id}"]) { id } operations { nodes { id } totalCount } }`,
    {},
    bob,
  );

  expect(seen).toEqual({
    operation: null,
    node: null,
    nodes: [null],
    operations: { nodes: [{ id: bobs.id }], totalCount: 1 },
  });
  const notFound = [{ code: 'OPERATION_NOT_FOUND' }];
  expect((await cancelOperation(started, id, bob)).userErrors).toMatchObject(notFound);
  expect((await undoOperation(started, id, {}, bob)).userErrors).toMatchObject(notFound);
  expect((await undoOperation(started, id, { background: true }, bob)).userErrors).toMatchObject(notFound);
  expect(await findOperation(started, id, ann)).toMatchObject({ finishedAt: null });
  expect((await cancelOperation(started, id, ann)).operation).toMatchObject({ status: 'CANCELLED' });
});

test('who started an operation needs no scope to see it, through node too, and needs one for its videos', async () => {
  const made = createVideos(1);
  await using started = await startJwt(made);
  const { id } = await start(started, made.ids, {}, await headersOf('ann', 'videos:delete'));
  const powerless = await headersOf('ann', 'other:scope');
  await endOf(started, id, powerless);
  const query = (ids: string) =>
    `query ($ids: [ID!]!) { node(id: "${id}") { id } nodes(ids: $ids) { id } ${ids} }`;

  const seen = await ask(
    started,
    query(
      `operation(id: "${id}") { results { nodes { ... on VideoRemoved { video { id removed assets { hls } } } } } }`,
    ),
    { ids: [id] },
    powerless,
  );
  const refused = await answer(
    started,
    query(`video: node(id: "${made.ids[0]}") { id }`),
    { ids: [id, made.ids[0]] },
    powerless,
  );
  const title = await answer(
    started,
    `{ operation(id: "${id}") { results { nodes { ... on VideoRemoved { video { id title } } } } } }`,
    {},
    powerless,
  );
  const cancel = await answer(
    started,
    `mutation { cancelOperation(id: "${id}") { userErrors { code } } }`,
    {},
    powerless,
  );

  expect(seen).toEqual({
    node: { id },
    nodes: [{ id }],
    operation: { results: { nodes: [{ video: { id: made.ids[0], removed: true, assets: null } }] } },
  });
  expect(refused.data).toEqual({ node: { id }, nodes: null, video: null });
  for (const { errors } of [refused, title, cancel])
    expect(new Set(errors.map(({ extensions }) => extensions?.code))).toEqual(new Set(['FORBIDDEN']));
});

test('cancelOperation needs the scope of the kind, or operations:manage', async () => {
  const made = createVideos(2);
  await using started = await startJwt(made);
  const { id } = await start(started, made.ids, {}, await headersOf('ann', 'videos:delete'));
  const cancel = async (scope: string) => {
    const query = `mutation { cancelOperation(id: "${id}") { operation { status } } }`;
    const { data, errors } = await answer(started, query, {}, await headersOf('ann', scope));
    return errors[0]?.extensions?.code ?? data;
  };

  expect(await cancel('videos:restore')).toBe('FORBIDDEN');
  expect(await cancel('operations:manage')).toEqual({
    cancelOperation: { operation: { status: 'CANCELLED' } },
  });
});

test('operations:manage sees and cancels every operation of the project, also with a token without a subject', async () => {
  const made = createVideos(2);
  await using started = await startJwt(made);
  const { id } = await start(started, made.ids, {}, await headersOf('ann', ALL));
  const other = await start(started, ['-'], {}, await headersOf('bob', ALL));

  for (const subject of ['carol', undefined]) {
    const manager = await headersOf(subject, 'operations:manage');
    const { operations } = await ask(started, '{ operations { nodes { id } } }', {}, manager);
    expect(idsOf(operations)).toEqual([other.id, id]);
    expect((await cancelOperation(started, id, manager)).operation).toMatchObject({ status: 'CANCELLED' });
  }
});

test('a token without a subject starts nothing durable, and sees nothing', async () => {
  const made = createVideos(1);
  await using started = await startJwt(made);
  await start(started, ['-'], {}, await headersOf('ann', ALL));
  const nobody = await headersOf(undefined, ALL);

  const { userErrors } = await deleteVideos(started, made.ids, { background: true }, nobody);

  expect(userErrors).toMatchObject([{ code: 'INVALID_ARGUMENT', field: ['options', 'background'] }]);
  const { operations } = await ask(started, '{ operations { totalCount nodes { id } } }', {}, nobody);
  expect(operations).toEqual({ totalCount: 0, nodes: [] });
  expect(started.calls(made.ids)).toEqual([]);
});

test('a subject cannot be made to equal the name of another one in the log', async () => {
  await using started = await startJwt(createVideos(0));
  const { id } = await start(started, ['-'], {}, await headersOf('ann\u0007', ALL));
  const { createHash } = await import('node:crypto');
  const digest = createHash('sha256').update('ann\u0007').digest('hex').slice(0, 16);

  expect(await findOperation(started, id, await headersOf(`ann? (sha256 ${digest})`, ALL))).toBeNull();
});

test('callers of another project see nothing, and credentials rest encrypted until the end', async () => {
  const secret = 'aVeryLongKeyThatNobodyMaySee1234567890';
  const { videos, ids } = createVideos(2);
  await using sandbox = await startSandbox({ videos, apiKey: secret, limits: ONE_WRITE, lagMs: 50 });
  sandbox.addProject({ apiKey: 'theirs', projectId: 'prTheirs' });
  await using folder = await createFolder();
  const { logger, text } = captureLog('trace');
  const env = { AUTH: 'passthrough', APIVIDEO_API_KEY: '', VIDEO_RESTORE: 'on' };
  const basic = (name: string) => ({ authorization: `Basic ${Buffer.from(`${name}:`).toString('base64')}` });
  const readFolder = async () => {
    const names = await readdir(folder.path);
    const files = await Promise.all(names.map((name) => readFile(join(folder.path, name), 'latin1')));
    return files.join('');
  };
  const before = await startKeptGateway(sandbox, { ...folder, env, logger });
  const { id } = await start(before, ids, { idempotencyKey: 'k' }, basic(secret));
  await eventually(async () =>
    expect(await findOperation(before, id, basic(secret))).toMatchObject({ succeeded: 1 }),
  );
  const theirs = await start(before, ['-'], { idempotencyKey: 'k' }, basic('theirs'));
  expect(theirs.id).not.toBe(id);
  expect(await findOperation(before, id, basic('theirs'))).toBeNull();
  expect((await cancelOperation(before, id, basic('theirs'))).userErrors).toMatchObject([
    { code: 'OPERATION_NOT_FOUND' },
  ]);
  await before[Symbol.asyncDispose]();

  const kept = await readFolder();
  await using other = await startKeptGateway(sandbox, {
    ...folder,
    env: { ...env, SECRET_KEY: 'x'.repeat(32) },
    logger,
  });
  const foreign = await findOperation(other, id, basic(secret));
  await cancelOperation(other, id, basic(secret));

  expect(kept).toContain(id);
  const forms = [
    secret,
    Buffer.from(secret).toString('base64'),
    Buffer.from(`${secret}:`).toString('base64'),
  ];
  for (const form of forms) {
    expect(kept).not.toContain(form);
    expect(text()).not.toContain(form);
  }
  expect(foreign).toMatchObject({ succeeded: 1, pending: 1 });
  expect(await findOperation(other, id, basic(secret))).toMatchObject({ status: 'CANCELLED', failed: 1 });
});
