// What a gateway may destroy that nobody allowed: few videos at each switch-off, and none by a second DELETE.
import { type Fault, fault } from './faults.ts';
import { LAG_MS, REFUSAL_HOLDS_MS, TOLERANCE_MS } from './history.ts';
import { isByStrangers } from './misled.ts';
import type { Played, Story } from './play.ts';
import { isLate, type Moment, type Read, type Write } from './records.ts';

/** A gateway with nothing unproved, and no proof for this long, is idle: what it knew is too old. */
const IDLE_MS = 2_000;

export function findOverruns(story: Story): readonly Fault[] {
  const { history, upstream } = story;
  return history.gateways.flatMap((settings, gateway) => {
    const deeds = new Deeds(story, gateway);
    const spans = upstream.project.videoRestore.offSpans.flatMap(({ from, to }) => {
      const mayRiskOne = settings.videoRestore === 'on' || from >= 0;
      return deeds.ofSpan(from, to, 2 * settings.concurrency, mayRiskOne ? 1 : 0);
    });
    return [...spans, ...deeds.ofSecondDeletes()];
  });
}

/** The deletions of one gateway, and what it has seen of them. */
class Deeds {
  readonly #story: Story;
  readonly #deletions: readonly Write[];
  readonly #reads: readonly Read[];
  /** The reads that showed deletions to be restorable, for each of these deletions. */
  readonly #proofs: readonly (readonly Read[])[];

  constructor(story: Story, gateway: number) {
    const { writes, reads } = story.upstream;
    this.#story = story;
    this.#deletions = writes.filter((write) => write.gateway === gateway && write.act === 'delete');
    this.#reads = reads.filter((read) => read.gateway === gateway);
    this.#proofs = this.#deletions.map((write) => this.#toProofs(write));
  }

  /** While Video Restore was off: the deletions that destroyed a live video although their calls refused that. */
  ofSpan(from: number, to: number, most: number, risk: 0 | 1): readonly Fault[] {
    const destroying = this.#deletions.filter(
      (write) =>
        write.effect?.state === 'absent' &&
        write.effect.at >= from &&
        write.effect.at < to &&
        this.#before(write)?.state === 'live' &&
        this.#isRefusedBy(write, this.#story.calls[write.call]),
    );
    const prompt = destroying.filter(({ effect }) => effect && !isLate(effect));
    const late = destroying.length - prompt.length;
    const begunAt = this.#lastIdleBefore(prompt[0]?.sentAt ?? 0);
    const isAllowed = ({ sentAt }: Write, index: number) =>
      index < risk + this.#proofsBetween(begunAt, sentAt);
    const isMisled = this.#isMisled(begunAt, prompt.at(-1)?.sentAt ?? 0);
    const excuses = [['removed by others within the tolerance', isMisled]] as const;
    if (prompt.length > most)
      return [fault('a switch-off destroyed more videos than 2 × concurrency', excuses)];
    if (!prompt.every(isAllowed))
      return [
        fault(`a switch-off destroyed more videos than ${risk} more than the proofs before it`, excuses),
      ];
    if (prompt.length + late > most)
      return [
        fault('a switch-off destroyed too many videos', [['a lost write destroyed it later', late > 0]]),
      ];
    return [];
  }

  /** A second DELETE may destroy a removed video. It may be sent if the gateway knows better, or saw the video live. */
  ofSecondDeletes(): readonly Fault[] {
    return this.#deletions.flatMap((write) => {
      const { effect, call, id, sentAt, gateway } = write;
      const before = this.#before(write);
      if (effect?.state !== 'absent' || before?.state !== 'removed' || !this.#isOfCall(write)) return [];
      if (this.#isAllowed(write, effect.at)) return [];
      const seen = this.#reads.findLast(
        (read) => read.call === call && read.id === id && read.answeredAt <= sentAt,
      );
      const isUnseen = isByStrangers(before, gateway) && seen?.showed === 'live' && seen.of <= before.at;
      const isOld = seen !== undefined && sentAt - seen.answeredAt > LAG_MS;
      // The lists that one search reads may show it removed while its turn to be deleted has come.
      const isWithinLag = isByStrangers(before, gateway) && sentAt - before.at <= LAG_MS;
      return [
        {
          ...fault('a second DELETE destroyed a removed video', [
            ['others removed it after the look', isUnseen && !isOld],
            ['others removed it within the lag', isWithinLag],
            ['a lost write destroyed it later', isLate(effect) && !this.#isRepeated(write)],
          ]),
          call,
          id,
          at: effect.at,
        },
      ];
    });
  }

  /** What it changed. */
  #before({ id, effect }: Write): Moment | undefined {
    return effect && this.#story.upstream.project.lives.get(id)?.before(effect);
  }

  /** With ALLOW, a lost deletion may be repeated while deletions are known to be permanent. */
  #isAllowed({ call }: Write, at: number): boolean {
    const { calls, upstream } = this.#story;
    return (
      calls[call]?.ifPermanent === 'allow' && upstream.project.videoRestore.wasOff(at - REFUSAL_HOLDS_MS, at)
    );
  }

  /** Whether its call sent another deletion of the same video after it, though the first might still take effect. */
  #isRepeated({ call, id, sentAt }: Write): boolean {
    return this.#deletions.some((other) => other.call === call && other.id === id && other.sentAt > sentAt);
  }

  #isRefusedBy(write: Write, call: Played | undefined): boolean {
    return call?.ifPermanent === 'refuse' && this.#isOfCall(write);
  }

  /** Whether a caller asked for it. The gateway's own video is there to be destroyed. */
  #isOfCall({ call, id }: Write): boolean {
    return this.#story.calls[call]?.ids.includes(id) ?? false;
  }

  /** How many deletions were seen to be restorable in that time. */
  #proofsBetween(from: number, to: number): number {
    return this.#proofs.filter((reads) => reads.some(({ answeredAt: at }) => at >= from && at <= to)).length;
  }

  /** Whether what strangers had done passed for a proof in that time: it covers the deletions before it, too. */
  #isMisled(from: number, to: number): boolean {
    const { lives } = this.#story.upstream.project;
    return this.#deletions.some(({ id, effect }, index) =>
      this.#proofs[index]?.some(
        ({ of, answeredAt }) => answeredAt >= from && answeredAt <= to && lives.get(id)?.at(of) !== effect,
      ),
    );
  }

  /** The reads that showed its effect, or what strangers did at that time and passes for it. */
  #toProofs({ id, effect, call, sentAt, gateway }: Write): readonly Read[] {
    const life = this.#story.upstream.project.lives.get(id);
    return this.#reads.filter((each) => {
      if (each.call !== call || each.id !== id || each.showed !== 'removed' || !life) return false;
      const moment = life.at(each.of);
      const isPassedForIts = moment.at > sentAt - TOLERANCE_MS && isByStrangers(moment, gateway);
      return each.answeredAt > sentAt && (moment === effect || isPassedForIts);
    });
  }

  /** The latest send at which nothing else was unproved, with no proof shortly before. */
  #lastIdleBefore(time: number): number {
    const isIdle = (write: Write) => {
      const { sentAt } = write;
      const since = this.#preparedAt(write) - IDLE_MS;
      return (
        !this.#deletions.some((other) => other.sentAt < sentAt && this.#openUntil(other) > sentAt) &&
        !this.#proofs.flat().some((read) => read.answeredAt <= sentAt && read.sentAt >= since)
      );
    };
    const sent = this.#deletions
      .filter(({ sentAt }) => sentAt <= time)
      .toSorted((a, b) => b.sentAt - a.sentAt);
    return sent.find(isIdle)?.sentAt ?? 0;
  }

  /** When a deletion was let through: the look right before its send comes after that. */
  #preparedAt({ call, id, sentAt }: Write): number {
    const looks = this.#reads.filter(
      (read) =>
        read.call === call && read.id === id && read.answeredAt <= sentAt && read.sentAt > sentAt - LAG_MS,
    );
    return Math.min(sentAt, ...looks.map((read) => read.sentAt));
  }

  /** Until when nobody knows whether a deletion destroyed its video. */
  #openUntil({ id, call, end, endedAt }: Write): number {
    const hasEffect = end === 'done' || end === 'lost' || end === 'failed' || end === 'pending';
    if (!hasEffect) return endedAt;
    const told = this.#story.calls[call]?.told.find((each) => each.id === id);
    return told?.at ?? Number.POSITIVE_INFINITY;
  }
}
