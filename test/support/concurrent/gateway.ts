// One gateway over the modelled upstream: a real project, above a transport of the test's own.
import { assembleProject } from '../../../src/project/create-project.ts';
import { deleteBatch } from '../../../src/removal/delete-batch.ts';
import type { DeleteOutcome, RestoreOutcome } from '../../../src/removal/outcomes.ts';
import type { ProbeWrite } from '../../../src/removal/probe.ts';
import type { RemovalProject } from '../../../src/removal/removal-project.ts';
import { restoreBatch } from '../../../src/removal/restore-batch.ts';
import type { Credentials } from '../../../src/upstream/credentials.ts';
import type { Transport } from '../../../src/upstream/transport.ts';
import { type Call, type GatewaySettings, type History, LAG_MS, toVideoId } from './history.ts';

/** One gateway process: its project, and what stops it. */
export type Gateway = {
  readonly project: RemovalProject;
  readonly drain: () => void;
  readonly end: () => void;
  /** What the field `videoRestore` shows. */
  readonly observed: () => { readonly status: string; readonly observedAt: string | null };
};

export function createGateway(
  transport: Transport,
  settings: GatewaySettings,
  dialect: History['dialect'],
): Gateway {
  const { concurrency, timeoutMs, videoRestore } = settings;
  const project = assembleProject(transport, {
    dialect: settings.dialect === 'auto' ? 'auto' : dialect,
    videoRestore,
    concurrency,
    timeoutMs,
    lagMs: LAG_MS,
    readCacheMs: 0,
  });
  return {
    project,
    drain: () => project.drain(),
    end: () => project.end(),
    observed: () => project.videoRestore.observed,
  };
}

export type Outcome = DeleteOutcome | RestoreOutcome;

export function begin(
  { project }: Gateway,
  call: Call,
  options: {
    readonly deadline: number;
    readonly signal: AbortSignal;
    readonly credentials: Credentials;
    readonly onOutcome: (id: string, outcome: Outcome) => void;
    readonly onProbeWrite: (write: ProbeWrite) => void;
  },
): Promise<Map<string, Outcome>> {
  const ids = call.videos.map(toVideoId);
  const { onProbeWrite, ...others } = options;
  if (call.act === 'restore') return restoreBatch(project, ids, others);
  const { ifPermanent } = call;
  return deleteBatch(project, ids, { ...others, ifPermanent, onProbeWrite });
}
