// Checks of api.video's refusals: unknown ids, unknown paths, and the documents that explain an error.
import { randomBytes } from 'node:crypto';
import { UNKNOWN_PATH } from '../upstream/read-answer.ts';
import { readRefusal } from '../upstream/refusal.ts';
import type { HttpAnswer } from '../upstream/transport.ts';
import { readDialect } from './check-dialect.ts';
import { type CheckRun, MADE_UP, type UpstreamCheck } from './check-run.ts';
import { asAssumed, differs, type Finding, NotCheckedError } from './finding.ts';

async function checkUnknownId(run: CheckRun): Promise<Finding> {
  const { videoPath } = await readDialect(run);
  const id = `vi${randomBytes(11).toString('hex')}`;
  for (const path of new Set([videoPath.live(id), videoPath.removed(id)])) {
    const answer = await run.client.read(path);
    const fault = describeNotMissing(answer);
    if (fault) {
      return differs(
        `An unknown id gets ${fault}.`,
        'The gateway cannot tell an absent video from a failure: it reports UPSTREAM_UNAVAILABLE or OUTCOME_UNKNOWN instead of NOT_FOUND.',
      );
    }
  }
  return asAssumed('An unknown id gets 404 with a problem document.');
}

/** Undefined if the answer shows the gateway that there is no such video. */
export function describeNotMissing(answer: HttpAnswer): string | undefined {
  if (answer.status !== 404) return `${answer.status}, not 404`;
  const problem = readRefusal(answer);
  if (!problem) return '404 without a problem document';
  return problem.type === UNKNOWN_PATH ? 'the 404 of an unknown path' : undefined;
}

async function checkUnknownPath({ client }: CheckRun): Promise<Finding> {
  const answer = await client.read(`/${MADE_UP}`);
  const type = readRefusal(answer)?.type;
  if (answer.status === 404 && type === UNKNOWN_PATH)
    return asAssumed(`An unknown path gets 404 with type ${UNKNOWN_PATH}.`);
  return differs(
    `An unknown path gets ${answer.status} ${type === undefined ? 'without a problem document' : 'with another type'}.`,
    'The gateway would not recognise the dialect "removed" by itself: with that API, set APIVIDEO_DIALECT=removed.',
  );
}

/** Asks for something wrong, and looks at all refusals but those of unknown ids and paths, which have their own rows. */
async function checkDocuments({ client }: CheckRun): Promise<Finding> {
  await client.read('/videos?currentPage=1&pageSize=1000');
  const refusals = client.seen.filter(
    ({ answer: { status } }) => status >= 400 && status < 500 && status !== 404,
  );
  if (refusals.length === 0) throw new NotCheckedError('api.video refused nothing, not even pageSize=1000.');
  const without = refusals.filter(({ answer }) => readRefusal(answer) === undefined);
  const statuses = (seen: typeof refusals) =>
    [...new Set(seen.map(({ answer }) => answer.status))].join(', ');
  if (without.length === 0) return asAssumed(`Refusals (${statuses(refusals)}) have problem documents.`);
  return differs(
    `Refusals (${statuses(without)}) have no problem document.`,
    'The gateway takes such refusals for those of a proxy in between: instead of UPSTREAM_REJECTED, it looks at the video, and answers UPSTREAM_UNAVAILABLE or OUTCOME_UNKNOWN.',
  );
}

export const REFUSALS: readonly UpstreamCheck[] = [
  { name: 'unknown id', perform: checkUnknownId },
  { name: 'unknown path', perform: checkUnknownPath },
  { name: 'error documents', perform: checkDocuments },
];
