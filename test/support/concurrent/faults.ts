// What a judge finds: a claim that the true histories contradict, or a rule that a gateway broke.

/**
 * A claim can be false because somebody else acted just then: another client, another gateway, or a lost write of our own
 * that came true late. Nobody can know that. Each such excuse has a name here, and is counted.
 */
export type Excuse =
  /** A read may show a state of up to one lag ago, so the claim may have held just before the first send. */
  | 'a read told of just before the call'
  /** Others moved it twice while it was looked for: each round of reads can miss one move. */
  | 'it moved while it was looked for'
  /** The same, in an earlier call of this gateway, which remembers it. */
  | 'it moved while it was looked for earlier'
  /** What was concluded from an answer that had an excuse. */
  | 'an earlier answer was excused'
  /** "UPSTREAM_UNAVAILABLE after complete 5xx answers": upstream reported a failure, and acted later. */
  | 'a 5xx came true later'
  /** A write that others have undone looks as if it had never happened. */
  | 'others undid it'
  /** "a time of removal not before the send (± 2 s)": a removal by others at that time passes for ours. */
  | 'removed by others within the tolerance'
  /** A write took effect after the moment that the last read showed. */
  | 'a lost write came true after the last look'
  /** A second DELETE destroys, and the gateway had seen the video live. */
  | 'others removed it after the look'
  | 'others removed it within the lag'
  /** A video that others destroyed just before or after our deletion looks as if the deletion had done it. */
  | 'others destroyed what it was deleting'
  /** A lost deletion destroyed its video only after the gateway had given it up. */
  | 'a lost write destroyed it later';

export type Fault = {
  readonly claim: string;
  readonly excuse: Excuse | undefined;
  readonly call?: number;
  readonly id?: string;
  readonly at?: number;
};

/** @param excuses - the first that holds is the fault's. */
export function fault(claim: string, excuses: readonly (readonly [Excuse, boolean])[] = []): Fault {
  return { claim, excuse: excuses.find(([, holds]) => holds)?.[0] };
}
