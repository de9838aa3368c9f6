// Plays a history: begins each call at its time, and records what its caller is told.

import type { ProbeWrite } from '../../../src/removal/probe.ts';
import type { Credentials } from '../../../src/upstream/credentials.ts';
import { UnauthorizedError } from '../../../src/upstream/upstream-errors.ts';
import { begin, createGateway, type Gateway, type Outcome } from './gateway.ts';
import { type Call, type History, toVideoId } from './history.ts';
import { toAuthorization } from './records.ts';
import { Upstream } from './upstream.ts';
import { beginTime } from './virtual-globals.ts';

/** One outcome, as the audit was told. `observed`: what the gateway said of Video Restore then. */
export type Told = {
  readonly id: string;
  readonly outcome: Outcome;
  readonly at: number;
  readonly observed: ReturnType<Gateway['observed']>;
};

export type Played = Call & {
  readonly index: number;
  readonly ids: readonly string[];
  readonly told: Told[];
  readonly probeWrites: ProbeWrite[];
  /** Undefined if the call has not ended, or has failed. */
  outcomes: ReadonlyMap<string, Outcome> | undefined;
  endedAt: number | undefined;
  error: unknown;
};

export type Story = {
  readonly history: History;
  readonly upstream: Upstream;
  readonly calls: readonly Played[];
  readonly turns: number;
  readonly hasSpun: boolean;
  readonly mostQuestions: number;
};

/** How long to go on after the last call, to see what is sent for nobody. */
const AFTERWARDS_MS = 60_000;
/** No call takes this long, whatever happens. */
const LATEST_MS = 3_600_000;

export async function play(history: History): Promise<Story> {
  const time = beginTime(history.weather.seed);
  const upstream = new Upstream(history, time);
  const gateways = history.gateways.map((settings) =>
    createGateway(upstream.createTransport(settings.timeoutMs), settings, history.dialect),
  );
  for (const [index, { stops }] of history.gateways.entries()) {
    if (!stops) continue;
    time.at(stops.drainsAt, () => gateways[index]?.drain());
    time.at(stops.endsAt, () => gateways[index]?.end());
  }
  const calls = history.calls.map(
    (call, index): Played => ({
      ...call,
      index,
      ids: call.videos.map(toVideoId),
      told: [],
      probeWrites: [],
      outcomes: undefined,
      endedAt: undefined,
      error: undefined,
    }),
  );
  let open = calls.length;
  for (const call of calls) {
    const { at, waitMs, leavesAt } = call;
    const client = new AbortController();
    if (leavesAt !== undefined) time.at(leavesAt, () => client.abort());
    time.at(at, async () => {
      const gateway = gateways[call.gateway];
      if (!gateway) throw new Error('a call without its gateway');
      const options = {
        deadline: at + waitMs,
        signal: client.signal,
        credentials: toCredentials(call),
        onOutcome: (id: string, outcome: Outcome) =>
          void call.told.push({ id, outcome, at: time.now, observed: gateway.observed() }),
        onProbeWrite: (write: ProbeWrite) => void call.probeWrites.push(write),
      };
      try {
        call.outcomes = await begin(gateway, call, options);
      } catch (error) {
        call.error = error;
      }
      call.endedAt = time.now;
      open -= 1;
    });
  }
  await time.run(() => open === 0, LATEST_MS);
  await time.run(() => false, time.now + AFTERWARDS_MS);
  return {
    history,
    upstream,
    calls,
    turns: time.turns,
    hasSpun: time.hasSpun,
    mostQuestions: time.mostQuestions,
  };
}

/** They name the gateway and the call, so that upstream's record shows who sent what. */
function toCredentials({ gateway, index }: Played): Credentials {
  const authorization = toAuthorization({ gateway, call: index });
  return {
    authorization: async () => authorization,
    renew: () => Promise.reject(new UnauthorizedError('it is refused')),
  };
}
