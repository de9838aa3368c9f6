// Whether api.video fails every request, for `/ready` and the metrics. Each project has a circuit of its own; this is the
// one of api.video as a whole. It sends nothing itself.
import type { Observer } from '../upstream/observer.ts';

export type Circuit = {
  /**
   * `open` from the moment that a project's circuit opens, or that checks of credentials fail one after another, until
   * api.video answers a request of any caller.
   */
  readonly state: 'open' | 'closed';
  /** Observes the requests of all projects. */
  readonly ofProjects: Observer;
  /** Observes the checks of callers' credentials, which belong to no project yet. */
  readonly ofCredentials: Observer;
};

/** As many failures as open the circuit of a project. */
const FAILURES = 5;

/** @param onChange - called when the circuit opens, with the reason of the latest failure, and when it closes. */
export function watchCircuit(onChange: (isOpen: boolean, reason: string | undefined) => void): Circuit {
  let isOpen = false;
  let failures = 0;
  let reason: string | undefined;

  function set(next: boolean): void {
    failures = 0;
    if (next === isOpen) return;
    isOpen = next;
    onChange(next, next ? reason : undefined);
  }

  return {
    get state() {
      return isOpen ? 'open' : 'closed';
    },
    ofProjects: {
      begin: () => ({
        end(_end, failure) {
          if (failure === undefined) set(false);
          else reason = failure;
        },
      }),
      circuit: set,
    },
    ofCredentials: {
      begin: ({ route }) => ({
        end(_end, failure) {
          if (failure !== undefined) {
            failures += 1;
            reason = failure;
          }
          // Tokens may be handed out while everything else fails.
          else if (!route.startsWith('/auth/')) set(false);
          if (failures >= FAILURES) set(true);
        },
      }),
    },
  };
}
