// Reads from the results of a call what happened to each video. It trusts no shape: the app's own documents may ask
// for fewer fields than the shipped ones, and what a result does not say is not known.

/** What is certain of one video after a call. */
export type Change = {
  readonly id: string;
  /** `gone`: there is no such video, live or removed. */
  readonly to: 'live' | 'removed' | 'gone';
  /** Whether this call changed it. False also if the result does not say, or arrives later than the call. */
  readonly isByThisCall: boolean;
  /** When api.video destroys the removed video, if the result says so; the cache may still know an older time. */
  readonly deletesAt: string | undefined;
};

/**
 * The changes in the answer of a mutation, whatever its fields are called there. Results of a durable operation are left out: a
 * repeated key answers with old ones.
 */
export function readAnswer(data: unknown): readonly Change[] {
  return Object.values(toObject(data))
    .map(toObject)
    .flatMap(({ results, operation }) => (operation ? [] : readResults(results)));
}

/** The durable operations in the answer of a mutation. */
export function readOperations(data: unknown): readonly unknown[] {
  return Object.values(toObject(data)).flatMap((payload) => toObject(payload).operation ?? []);
}

/** The changes in `results`. If these arrive later than the call, the lists may have been read in between. */
export function readResults(results: unknown, { isLate = false } = {}): readonly Change[] {
  const changes = (Array.isArray(results) ? results : []).flatMap((result) => readResult(toObject(result)));
  return isLate ? changes.map((change) => ({ ...change, isByThisCall: false })) : changes;
}

type Fields = { readonly [name: string]: unknown };

function readResult(result: Fields): readonly Change[] {
  const { __typename: type, videoId: id, alreadyRemoved, alreadyLive, code } = result;
  if (typeof id !== 'string') return [];
  const { deletesAt } = toObject(result.video);
  const gone = { id, to: 'gone', deletesAt: undefined } as const;
  switch (type) {
    case 'VideoRemoved':
      return [
        {
          id,
          to: 'removed',
          isByThisCall: alreadyRemoved === false,
          deletesAt: typeof deletesAt === 'string' ? deletesAt : undefined,
        },
      ];
    case 'VideoRestored':
      return [{ id, to: 'live', isByThisCall: alreadyLive === false, deletesAt: undefined }];
    case 'VideoDestroyed':
      return [{ ...gone, isByThisCall: true }];
    case 'VideoFailure':
      if (code === 'DESTROYED') return [{ ...gone, isByThisCall: true }];
      return code === 'NOT_FOUND' ? [{ ...gone, isByThisCall: false }] : [];
    default:
      return [];
  }
}

export function toObject(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
