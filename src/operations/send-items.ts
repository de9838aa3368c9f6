// Sends some items of an operation through the batches that any call uses.

import type { Project } from '../project/create-project.ts';
import { deleteBatch } from '../removal/delete-batch.ts';
import { failed } from '../removal/outcomes.ts';
import type { ProbeCall } from '../removal/probe.ts';
import { type EarlierSend, isPast } from '../removal/pursue.ts';
import { restoreBatch } from '../removal/restore-batch.ts';
import { OPEN_MS } from '../search/recent-writes.ts';
import type { Credentials } from '../upstream/credentials.ts';
import { isRemovalOf, type VideoOutcome } from './item-outcome.ts';
import type { Operation } from './operation.ts';
import type { Item } from './operation-store.ts';

/** How long items may wait for upstream's budget. What is not sent by then is pending again. */
const WAIT_MS = 15 * 60_000;

/** An item, and its write that may have been sent before. */
export type Work = {
  readonly item: Item;
  readonly earlierSend: EarlierSend | undefined;
  /** When it may have been sent first since it was taken, and whether a look before had shown its video; undefined if it was not. */
  sent?: Pick<EarlierSend, 'sentAt' | 'upstreamSentAt' | 'isSeen'> | undefined;
};

export type SendOptions = {
  readonly project: Project;
  readonly credentials: Credentials | undefined;
  /** Aborted when nothing more may be sent. */
  readonly signal: AbortSignal;
  /** Whether what was sent before may be sent again. */
  readonly maySendAgain: () => boolean;
  /** Called right before each attempt. @returns whether it may be sent. */
  readonly claim: (work: Work, isSeen: boolean) => Promise<boolean>;
  /** Called once for each item, as soon as its outcome is known. */
  readonly onOutcome: (work: Work, outcome: VideoOutcome) => void;
  readonly onProbeWrite: ProbeCall['onWrite'];
};

/** Resolves once every item has its outcome. */
export async function sendItems(
  { kind, ifPermanent, undoOf }: Operation,
  works: readonly Work[],
  { project, credentials, signal, maySendAgain, claim, onOutcome, onProbeWrite }: SendOptions,
): Promise<void> {
  const byId = new Map(works.map((work) => [work.item.videoId, work]));
  const earlierSends = new Map<string, EarlierSend>();
  for (const [id, { earlierSend }] of byId) if (earlierSend) earlierSends.set(id, earlierSend);
  const options = {
    deadline: performance.now() + WAIT_MS,
    signal,
    credentials,
    isBulk: true,
    earlierSends,
    maySendAgain,
    beforeSend: async (id: string, isSeen: boolean) => {
      const work = byId.get(id);
      return work !== undefined && claim(work, isSeen);
    },
    onOutcome: (id: string, outcome: VideoOutcome) => {
      const work = byId.get(id);
      if (work) onOutcome(work, outcome);
    },
  };
  if (kind === 'delete') {
    await deleteBatch(project, [...byId.keys()], {
      ...options,
      ifPermanent: ifPermanent ?? 'refuse',
      onProbeWrite,
    });
    return;
  }
  const mayRestore: Parameters<typeof restoreBatch>[2]['mayRestore'] = (id, video) => {
    const undoes = byId.get(id)?.item.undoes;
    return undoes && !isRemovalOf(undoes, video) ? failed('CHANGED_SINCE') : undefined;
  };
  await restoreBatch(project, [...byId.keys()], {
    ...options,
    mayRestore: undoOf === null ? undefined : mayRestore,
  });
}

/** The writes of an item so far, as one that ended when the latest did; undefined if there was none. */
export function toEarlierSend({ earlierSend, sent }: Work): EarlierSend | undefined {
  if (!sent) return earlierSend;
  const isSeen = sent.isSeen || earlierSend?.isSeen === true;
  const endedAt = performance.now();
  const effectBy = sent.upstreamSentAt + (endedAt - sent.sentAt) + OPEN_MS;
  return { ...sent, ...earlierSend, isSeen, endedAt, effectBy };
}

/**
 * Whether an item was looked at and not sent, because a deletion before may still take effect: a second `DELETE` could
 * destroy the video.
 */
export function mayActLater({ kind }: Operation, { earlierSend, sent }: Work): boolean {
  return kind === 'delete' && sent === undefined && earlierSend !== undefined && !isPast(earlierSend);
}
