// Chooses faults by the video of a request, so that requests for the probe and the token succeed as usual.
import type { Fault, Sandbox, SandboxRequest } from '../../src/sandbox/server.ts';

type Method = 'GET' | 'DELETE' | 'PATCH';
type FaultOf = (request: SandboxRequest) => Fault | undefined;

/**
 * For each video separately, its first request with that method meets the first fault, the next one the second, and so
 * on. `usual` is no fault, and after the last fault everything is as usual.
 */
export function inTurn(
  ids: readonly string[],
  method: Method,
  faults: readonly (Fault | 'usual')[],
): FaultOf {
  const turns = new Map<string, number>();
  return (request) => {
    if (!isOf(request, ids, method)) return undefined;
    const key = request.videoId ?? '';
    const turn = turns.get(key) ?? 0;
    turns.set(key, turn + 1);
    const fault = faults[turn];
    return fault === 'usual' ? undefined : fault;
  };
}

/** The first fault that any of these has for a request. */
export function firstOf(...faults: readonly FaultOf[]): FaultOf {
  return (request) => faults.map((faultOf) => faultOf(request)).find((fault) => fault);
}

/** The same fault for every request on the videos with that method, or with any method if it is undefined. */
export function always(ids: readonly string[], method: Method | undefined, fault: Fault): FaultOf {
  return (request) => (isOf(request, ids, method) ? fault : undefined);
}

export function isOf(request: SandboxRequest, ids: readonly string[], method?: Method): boolean {
  return (
    request.videoId !== undefined &&
    ids.includes(request.videoId) &&
    (method === undefined || request.method === method)
  );
}

/** The number of requests with that method for each video, in the order of the ids. */
export function countEach(sandbox: Sandbox, ids: readonly string[], method: Method): number[] {
  return ids.map((id) => sandbox.requests.filter((request) => isOf(request, [id], method)).length);
}

export const DIALECTS = ['discarded', 'removed'] as const;
