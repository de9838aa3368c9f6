// The caller of a request, as durable operations know it.
import type { Holder } from '../auth/access.ts';
import type { Credentials } from '../upstream/credentials.ts';

export type OperationCaller = {
  /** Names the caller in the audit. */
  readonly subject: string;
  readonly holder: Holder;
  /** Whether the caller sees and cancels all operations of the project. */
  readonly managesAll: boolean;
  /** Names the project in the audit. */
  readonly credentials: Credentials | undefined;
};
