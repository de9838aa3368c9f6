// Plays many histories, and counts what they show.
import fc from 'fast-check';
import { toName } from '../outcome-names.ts';
import { toChronicle } from './chronicle.ts';
import type { History } from './history.ts';
import { type Finding, findFaults, type Rule } from './judge.ts';
import { play, type Story } from './play.ts';

export class Counts {
  readonly #counts = new Map<string, number>();

  get names(): readonly string[] {
    return [...this.#counts.keys()];
  }

  get total(): number {
    return [...this.#counts.values()].reduce((sum, count) => sum + count, 0);
  }

  add(name: string): void {
    this.#counts.set(name, this.of(name) + 1);
  }

  of(name: string): number {
    return this.#counts.get(name) ?? 0;
  }

  /** The most frequent first. */
  toString(): string {
    return [...this.#counts]
      .toSorted(([, a], [, b]) => b - a)
      .map(([name, count]) => `${String(count).padStart(8)}  ${name}`)
      .join('\n');
  }
}

export class Tally {
  readonly outcomes = new Counts();
  readonly excuses = new Counts();
  readonly faults: Readonly<Record<Rule, Counts>> = {
    truth: new Counts(),
    audit: new Counts(),
    bounds: new Counts(),
    liveness: new Counts(),
  };
  readonly #runs: { readonly seed: number; readonly numRuns: number };
  readonly #histories: fc.Arbitrary<History>;

  constructor(histories: fc.Arbitrary<History>, runs: { readonly seed: number; readonly numRuns: number }) {
    this.#histories = histories;
    this.#runs = runs;
  }

  async playAll(): Promise<void> {
    await this.#check((story) => {
      for (const { act, told } of story.calls)
        for (const { outcome } of told) this.outcomes.add(`${act}: ${toName(outcome)}`);
      for (const { rule, name, excuse } of findFaults(story)) {
        if (excuse) this.excuses.add(excuse);
        else this.faults[rule].add(name);
      }
      return true;
    });
  }

  /** @throws {Error} if a rule was broken: how often, and the smallest history that breaks it. */
  async assertKept(rule: Rule): Promise<void> {
    const counts = this.faults[rule];
    if (counts.total === 0) return;
    const [most] = counts.names.toSorted((a, b) => counts.of(b) - counts.of(a));
    const isIt = (each: Finding) => !each.excuse && each.name === most;
    const { counterexample } = await this.#check((story) => !findFaults(story).some(isIt));
    throw new Error(`\n${counts}\n${counterexample ? await tell(counterexample[0], isIt) : ''}`);
  }

  #check(holds: (story: Story) => boolean) {
    return fc.check(
      fc.asyncProperty(this.#histories, async (history) => holds(await play(history))),
      this.#runs,
    );
  }
}

async function tell(history: History, isIt: (each: Finding) => boolean): Promise<string> {
  const story = await play(history);
  const findings = findFaults(story).filter(isIt);
  const ids = findings.flatMap(({ id }) => (id === undefined ? [] : [id]));
  const about = ids.length === 0 ? undefined : new Set(ids);
  return `For example: ${findings[0]?.name}\n${JSON.stringify(history)}\n${toChronicle(story, about)}`;
}
