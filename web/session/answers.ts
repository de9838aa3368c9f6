// What an answer with errors says: whether it is the gateway's at all, and which codes its errors have.

export type AnswerError = {
  readonly code: string;
  readonly message: string;
  /** How deep the field is that it belongs to; 0 for the request as a whole. */
  readonly depth: number;
  readonly retryAfterSeconds: number | undefined;
};

/** The errors of an answer of the gateway; none if the text is not one. */
export function readErrors(body: string): readonly AnswerError[] {
  try {
    const answer: unknown = JSON.parse(body);
    const errors: unknown = isRecord(answer) ? answer.errors : undefined;
    return Array.isArray(errors) ? errors.flatMap(toAnswerError) : [];
  } catch {
    return [];
  }
}

/** Nothing for an error without a code: the gateway gives each of its errors one. */
export function toAnswerError(error: unknown): readonly AnswerError[] {
  if (!isRecord(error) || !isRecord(error.extensions)) return [];
  const { message, path, extensions } = error;
  const { code, retryAfterSeconds: seconds } = extensions;
  if (typeof code !== 'string') return [];
  return [
    {
      code,
      message: typeof message === 'string' ? message : '',
      depth: Array.isArray(path) ? path.length : 0,
      retryAfterSeconds: typeof seconds === 'number' ? seconds : undefined,
    },
  ];
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;
