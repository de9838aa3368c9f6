// Deletions and restores as components see them. They belong to the whole app, so that nothing is lost when the tab changes. What
// makes them is loaded when the browser has nothing else to do.
import { useApolloClient } from '@apollo/client/react';
import { useEffect, useMemo, useRef, useState } from 'react';
import { loadActRunner } from '../lazy-parts.ts';
import { useIsOffline } from '../session/use-session.ts';
import type { Act } from '../words.ts';
import { report as words } from '../words-of-acts.ts';
import type { ActRunner } from './act-runner.ts';
import type { Acts, ActsState, Surroundings } from './acts.ts';
import type { Call } from './call.ts';
import { say } from './say.ts';

const NOTHING: ActsState = { calls: [], reports: [], refused: [] };

export function useActs(surroundings: Surroundings): Acts {
  const client = useApolloClient();
  const latest = useRef(surroundings);
  latest.current = surroundings;
  const [state, setState] = useState(NOTHING);
  const loading = useRef<Promise<ActRunner>>(undefined);

  const commands = useMemo(() => {
    const load = () => {
      loading.current ??= loadActRunner().then(
        (Runner) => new Runner(client, setState, () => latest.current),
      );
      return loading.current;
    };
    const tell = async (command: (runner: ActRunner) => void) => {
      const runner = await load().catch(() => undefined);
      if (runner) return command(runner);
      // Wanted again, it is loaded again.
      loading.current = undefined;
      say(words.unloaded);
    };
    return {
      run: (act: Act, ids: readonly string[]) => void tell((runner) => runner.run(act, ids)),
      repeat: (call: Call) => void tell((runner) => runner.repeat(call)),
      ask: (refused: readonly string[]) => void tell((runner) => runner.ask(refused)),
      confirm: (ids: readonly string[]) => void tell((runner) => runner.confirm(ids)),
      keep: (ids: readonly string[]) => void tell((runner) => runner.keep(ids)),
      look: (act: Act) => void tell((runner) => runner.look(act)),
      dismiss: (act: Act) => void tell((runner) => runner.dismiss(act)),
    };
  }, [client]);

  const { calls } = state;
  useQuestionBeforeLeaving(calls.length > 0);
  const isOffline = useIsOffline();
  useEffect(() => {
    // What could not be looked at offline can be now.
    if (!isOffline) void loading.current?.then((runner) => runner.lookAtAll()).catch(() => {});
  }, [isOffline]);

  const { inOperations } = surroundings;
  const isBusy = useMemo(() => {
    const inCalls = new Set(calls.flatMap(({ ids }) => ids));
    const isIn = (operations: ReadonlySet<string>) => (id: string) => inCalls.has(id) || operations.has(id);
    return { delete: isIn(inOperations.delete), restore: isIn(inOperations.restore) };
  }, [inOperations, calls]);
  return { ...state, ...commands, isBusy };
}

/** Once the page is left, nobody hears what has come of a call. */
function useQuestionBeforeLeaving(isWaiting: boolean): void {
  useEffect(() => {
    if (!isWaiting) return;
    const onLeave = (event: BeforeUnloadEvent) => event.preventDefault();
    addEventListener('beforeunload', onLeave);
    return () => removeEventListener('beforeunload', onLeave);
  }, [isWaiting]);
}
