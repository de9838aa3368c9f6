// Everything that is wrong with a story.

import { toName } from '../outcome-names.ts';
import { findOmissions } from './audit.ts';
import { findOverruns } from './bounds.ts';
import type { Fault } from './faults.ts';
import { findStalls } from './liveness.ts';
import type { Story } from './play.ts';
import { findLie } from './truth.ts';

export type Rule = 'truth' | 'audit' | 'bounds' | 'liveness';

/** A fault, with a name for its kind. */
export type Finding = Fault & { readonly rule: Rule; readonly name: string };

export function findFaults(story: Story): readonly Finding[] {
  const lies = story.calls.flatMap((call) =>
    call.told.flatMap((told) => {
      const lie = findLie(story, call, told);
      return lie
        ? [{ ...lie, rule: 'truth' as const, name: `${call.act}: ${toName(told.outcome)}, but ${lie.claim}` }]
        : [];
    }),
  );
  return [
    ...lies,
    ...findOmissions(story).map((each) => ({ ...each, rule: 'audit' as const, name: each.claim })),
    ...findOverruns(story).map((each) => ({ ...each, rule: 'bounds' as const, name: each.claim })),
    ...findStalls(story).map((each) => ({ ...each, rule: 'liveness' as const, name: each.claim })),
  ];
}
