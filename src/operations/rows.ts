// Reads the rows of the store: what is in a database is data from outside.
import { z } from 'zod';
import { FAILURE_CODES } from '../removal/outcomes.ts';
import { isVideoId } from '../upstream/video-id.ts';
import { orNull, type Row, readBytes, readNumber, readText, readWord, StoreError } from './database.ts';
import {
  type ItemOutcome,
  type ItemResult,
  type Operation,
  type OutcomeCounts,
  REJECTED_FOR_NOW,
  SUCCESSES,
} from './operation.ts';
import type { HeldOperation, Item, Orphan, Removal } from './operation-store.ts';

const OUTCOMES: readonly ItemOutcome[] = [...SUCCESSES, ...FAILURE_CODES, REJECTED_FOR_NOW];

const COUNTS = z.partialRecord(z.enum(OUTCOMES), z.int().nonnegative());

/** What every end of an operation sets, however it ends: nobody holds it any more, and its credentials are erased. */
export const toEnd = (now: string): string =>
  `finished_at = ${now}, lease_by = NULL, lease_until = NULL, secret_id = NULL, credential = NULL, credential_until = NULL`;

/** The columns of an operation; `undo` are its unfinished undos. */
export const OPERATION_COLUMNS = `operation.seq, operation.id, operation.target, operation.project, operation.owner,
  operation.subject, operation.kind, operation.if_permanent, operation.undo_of, operation.status, operation.total,
  operation.counts, operation.epoch, operation.secret_id, operation.credential, operation.credential_until,
  operation.created_at, operation.finished_at,
  (SELECT count(*) FROM operation AS undo WHERE undo.undo_of = operation.id AND undo.finished_at IS NULL) AS undos`;

/** @throws {StoreError} if a column holds what it should not, as all functions here. */
export function readOperation(row: Row): Operation & { readonly target: string } {
  return {
    id: readText(row, 'id'),
    seq: readNumber(row, 'seq'),
    target: readText(row, 'target'),
    project: readText(row, 'project'),
    owner: readText(row, 'owner'),
    subject: readText(row, 'subject'),
    kind: readWord(row, 'kind', ['delete', 'restore']),
    ifPermanent: orNull(row, 'if_permanent', (_row, column) => readWord(row, column, ['refuse', 'allow'])),
    undoOf: orNull(row, 'undo_of', readText),
    status: readWord(row, 'status', ['queued', 'running', 'completed', 'cancelled']),
    total: readNumber(row, 'total'),
    counts: readCounts(row),
    createdAt: readNumber(row, 'created_at'),
    finishedAt: orNull(row, 'finished_at', readNumber),
    isBeingUndone: readNumber(row, 'undos') > 0,
  };
}

export function readCounts(row: Row): OutcomeCounts {
  const { success, data } = COUNTS.safeParse(JSON.parse(readText(row, 'counts')));
  if (!success) throw new StoreError('expected counts by outcome in the column counts');
  return data;
}

export function readHeldOperation(row: Row): HeldOperation {
  const secretId = orNull(row, 'secret_id', readText);
  const bytes = orNull(row, 'credential', readBytes);
  const credential =
    secretId === null || bytes === null
      ? null
      : { secretId, bytes, until: orNull(row, 'credential_until', readNumber) };
  return { ...readOperation(row), epoch: readNumber(row, 'epoch'), credential };
}

/**
 * How a given id is kept. PostgreSQL takes no text with U+0000 or half a surrogate pair, and SQLite alters the latter: what
 * cannot be a video's id is kept as JSON, whose quotes tell it apart.
 */
export function toKeptId(given: string): string {
  return isVideoId(given) ? given : JSON.stringify(given);
}

function readVideoId(row: Row): string {
  const kept = readText(row, 'video');
  if (isVideoId(kept)) return kept;
  try {
    return z.string().parse(JSON.parse(kept));
  } catch (cause) {
    throw new StoreError('expected a video id, or another one as JSON, in the column video', { cause });
  }
}

export function readItem(row: Row, isUndo: boolean): Item {
  return {
    place: readNumber(row, 'place'),
    videoId: readVideoId(row),
    undoes: isUndo
      ? {
          removedAt: orNull(row, 'undoes_removed_at', readNumber),
          sentFrom: orNull(row, 'undoes_sent_from', readNumber),
          endedBy: orNull(row, 'undoes_ended_by', readNumber),
        }
      : null,
  };
}

export function readOrphan(row: Row, isUndo: boolean): Orphan {
  return {
    ...readItem(row, isUndo),
    sentFrom: orNull(row, 'sent_from', readNumber),
    claimedAt: orNull(row, 'claimed_at', readNumber),
    isSeen: readNumber(row, 'seen') === 1,
  };
}

export function readResult(row: Row): ItemResult {
  return {
    place: readNumber(row, 'place'),
    videoId: readVideoId(row),
    outcome: orNull(row, 'outcome', readOutcome),
    removedAt: orNull(row, 'removed_at', readNumber),
    deletesAt: orNull(row, 'deletes_at', readNumber),
  };
}

export function readOutcome(row: Row, column: string): ItemOutcome {
  return readWord(row, column, OUTCOMES);
}

export function readRemoval(row: Row): Removal & { readonly videoId: string } {
  return {
    videoId: readVideoId(row),
    removedAt: orNull(row, 'removed_at', readNumber),
    sentFrom: orNull(row, 'sent_from', readNumber),
    endedBy: orNull(row, 'ended_by', readNumber),
  };
}
