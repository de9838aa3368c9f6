// The rows about deletions and restores, from what the experiment with the probe video has recorded.
import { LARGEST_LAG_MS } from '../config/config.ts';
import { TOLERANCE_MS } from '../removal/removal-date.ts';
import { readDialect } from './check-dialect.ts';
import type { CheckRun, UpstreamCheck } from './check-run.ts';
import { asAssumed, differs, type Finding, NotCheckedError } from './finding.ts';
import { type ProbeView, VIEWS } from './measure-lag.ts';
import { type Experiment, experiment } from './probe-experiment.ts';

const DAY_MS = 86_400_000;
const ASSUMED_DAYS = 90;

/** What the experiment recorded, or the reason why it did not get there. */
async function readRecord<Name extends keyof Experiment>(run: CheckRun, name: Name) {
  const record = await experiment(run);
  const value = record[name];
  if (value !== undefined) return value;
  if (record.fault) throw record.fault;
  if (record.videoRestore === 'off')
    throw new NotCheckedError('Video Restore is off.', 'Turn it on and check again.');
  throw new NotCheckedError('An earlier step with the probe video went otherwise than assumed.');
}

async function checkDeletion(run: CheckRun): Promise<Finding> {
  const status = await readRecord(run, 'deletion');
  if (status === 204) return asAssumed('DELETE gets 204.');
  return differs(
    `DELETE gets ${status}, not 204.`,
    'The gateway cannot tell that a deletion was accepted: results are failures, or OUTCOME_UNKNOWN.',
  );
}

async function checkVideoRestore(run: CheckRun): Promise<Finding> {
  const found = await readRecord(run, 'videoRestore');
  const declared = run.config.videoRestore;
  if (declared !== 'probe' && declared !== found) {
    return differs(
      `Video Restore is ${found}, and VIDEO_RESTORE=${declared} declares otherwise.`,
      found === 'off'
        ? 'The first deletion can destroy its video. Unset VIDEO_RESTORE, or turn Video Restore on.'
        : 'The gateway refuses deletions that could be restored. Unset VIDEO_RESTORE.',
    );
  }
  if (found === 'on') return asAssumed('Video Restore is on: deletions can be restored.');
  return asAssumed(
    'Video Restore is off: deletions are permanent.',
    'Calls with ifPermanent: REFUSE delete nothing. Turn Video Restore on in the dashboard, or pass ALLOW.',
  );
}

async function checkLag(run: CheckRun, view: ProbeView): Promise<Finding> {
  const { lags, videoRestore, fault } = await experiment(run);
  const lag = lags.get(view);
  if (view.startsWith('removed') && videoRestore === 'off')
    throw new NotCheckedError('Video Restore is off, so nothing is removed.', 'Turn it on and check again.');
  if (!lag) throw fault ?? new NotCheckedError('No write was answered as assumed.');
  const { upstreamLagMs } = run.config;
  const { staleMs, freshMs } = lag;
  const found =
    freshMs === undefined
      ? `The ${view} did not show a write in ten seconds.`
      : `The ${view} showed each write within ${freshMs} ms.`;
  if (freshMs !== undefined && staleMs < upstreamLagMs) return asAssumed(found);
  const needed = Math.ceil((freshMs ?? Number.POSITIVE_INFINITY) / 100) * 100;
  const setting = Math.min(needed, LARGEST_LAG_MS);
  return differs(
    freshMs === undefined ? found : `The ${view} showed a write as late as ${freshMs} ms after it.`,
    needed > LARGEST_LAG_MS
      ? `Set UPSTREAM_LAG_MS=${setting}, the most there is. Results can still be wrong when api.video lags longer.`
      : `Set UPSTREAM_LAG_MS=${setting}; now it is ${upstreamLagMs}, and results can be wrong.`,
  );
}

async function checkSecondDelete(run: CheckRun): Promise<Finding> {
  const { status, destroyed } = await readRecord(run, 'secondDelete');
  if (destroyed) {
    return differs(
      `A second DELETE gets ${status} and destroys the removed video.`,
      'The gateway finds that out by its probe: it looks at each video just before it deletes it, and never retries a lost deletion. Do not let other programs delete the same videos.',
    );
  }
  if (status === 404) return asAssumed('A second DELETE gets 404, and the video stays restorable.');
  if (status === 204) return asAssumed('A second DELETE gets 204, and the video stays restorable.');
  return differs(
    `A second DELETE gets ${status}, and the video stays restorable.`,
    'The gateway expects 404 or 204: after other answers, results for removed videos are failures.',
  );
}

async function checkRestore(run: CheckRun): Promise<Finding> {
  const { status, video } = await readRecord(run, 'restore');
  if (status !== 200) {
    return differs(
      `A restore gets ${status}, not 200.`,
      'The gateway cannot restore videos of this project.',
    );
  }
  if (!video) {
    return differs(
      'A restore gets 200, and its body is not the video.',
      'The gateway reads the video after each restore: restores take another read, and without one are OUTCOME_UNKNOWN.',
    );
  }
  if (!video.removed) return asAssumed('A restore gets 200 with the live video.');
  return differs(
    'A restore gets 200 with the video still shown as removed.',
    'The gateway reads the video after each restore: restores are right, and take another read.',
  );
}

async function checkSecondRestore(run: CheckRun): Promise<Finding> {
  const status = await readRecord(run, 'secondRestore');
  const { restoreProvesRemoved } = await readDialect(run);
  const assumed = restoreProvesRemoved ? 404 : 200;
  if (status === assumed) return asAssumed(`A restore of a live video gets ${status}.`);
  return differs(
    `A restore of a live video gets ${status}, not ${assumed}.`,
    status === 200
      ? 'alreadyLive can be false for a video that was live before.'
      : 'A restore of a live video fails instead of reporting that it is live.',
  );
}

async function checkRetention(run: CheckRun): Promise<Finding> {
  const { video } = await readRecord(run, 'removal');
  if (video.deletesAt === null || video.removedAt === null) {
    return differs(
      `A removed video has no ${video.removedAt === null ? 'time of removal' : 'deletesAt'}.`,
      video.removedAt === null
        ? 'The gateway cannot prove that deletions are restorable: calls with ifPermanent: REFUSE fail.'
        : 'deletesAt is null in answers, and the order DELETES_AT is unknown.',
    );
  }
  const days = (Date.parse(video.deletesAt) - Date.parse(video.removedAt)) / DAY_MS;
  if (Math.abs(days - ASSUMED_DAYS) <= 1)
    return asAssumed(`A removed video is kept for ${Math.round(days)} days.`);
  return differs(
    `A removed video is kept for ${Math.round(days * 10) / 10} days, not ${ASSUMED_DAYS}.`,
    'deletesAt in answers is right. Restore videos before it.',
  );
}

async function checkRemovalDate(run: CheckRun): Promise<Finding> {
  const { video, upstreamSentAt } = await readRecord(run, 'removal');
  if (video.removedAt === null) throw new NotCheckedError('The removed video has no time of removal.');
  const earlyMs = upstreamSentAt - Date.parse(video.removedAt);
  if (earlyMs <= TOLERANCE_MS) return asAssumed("Removals are dated by the clock of api.video's answers.");
  return differs(
    `The removal was dated ${Math.round(earlyMs / 1000)} s before its DELETE, by the clock of api.video's answers.`,
    'The gateway takes it for an older removal, which proves nothing: calls with ifPermanent: REFUSE fail.',
  );
}

async function checkDestroyed(run: CheckRun): Promise<Finding | undefined> {
  const { destroyed, fault } = await experiment(run);
  // With Video Restore on, nothing may be destroyed to find out.
  if (!destroyed) {
    if (fault) throw fault;
    return undefined;
  }
  const faults = [
    ...(destroyed.restore ? [`a restore gets ${destroyed.restore}`] : []),
    ...(destroyed.deletion ? [`DELETE gets ${destroyed.deletion}`] : []),
  ];
  if (faults.length === 0) return asAssumed('DELETE and restore of a destroyed video get 404.');
  return differs(
    `For a destroyed video, ${faults.join(', and ')}.`,
    'The gateway reports failures instead of NOT_FOUND for such videos.',
  );
}

async function checkProbeVideo(run: CheckRun): Promise<Finding> {
  const { left, fault } = await experiment(run);
  if (fault) throw new NotCheckedError(`The experiment ended early. What is left: ${left}`);
  return asAssumed(`What is left: ${left}`);
}

export const WRITE_CHECKS: readonly UpstreamCheck[] = [
  { name: 'deletion', perform: checkDeletion },
  { name: 'Video Restore', perform: checkVideoRestore },
  ...VIEWS.map((view) => ({ name: `lag, ${view}`, perform: (run: CheckRun) => checkLag(run, view) })),
  { name: 'removal date', perform: checkRemovalDate },
  { name: 'retention', perform: checkRetention },
  { name: 'second DELETE', perform: checkSecondDelete },
  { name: 'restore', perform: checkRestore },
  { name: 'second restore', perform: checkSecondRestore },
  { name: 'destroyed video', perform: checkDestroyed },
  { name: 'probe video', perform: checkProbeVideo },
];
