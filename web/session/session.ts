// Asks the user to sign in when the gateway refuses a request, and lets the requests wait that long.
import { forget } from '../operations/remembered.ts';
import { getAuthorization, isSomebodyElse, setAuthorization } from './token.ts';

export type Asking =
  /** Nobody is asked. */
  | 'no'
  /** The gateway wants credentials. */
  | 'needed'
  /** It accepted those that it got, and does not any more. */
  | 'ended'
  /** It does not accept those that it got. */
  | 'refused'
  /** Not the gateway but something in front of it wants the user to sign in there. */
  | 'elsewhere';

let asking: Asking = 'no';
/** What was asked last. */
let latest: Exclude<Asking, 'no'> = 'needed';
/** What an earlier page of this tab was signed in with. */
const kept = getAuthorization();
/** What the gateway has accepted last: all that is shown belongs to its holder. */
let accepted: string | undefined;
let signIns = 0;
/** Once the user has closed the question, only the user opens it again: not each request in the background. */
let isDeclined = false;
let waiting: ((hasSignedIn: boolean) => void)[] = [];
const listeners = new Set<() => void>();

/** For React. What it reads changes only when the listeners are called. */
export const session = {
  subscribe(listener: () => void): () => void {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
  getAsking: () => asking,
  getIsDeclined: () => isDeclined,
  /** How often the user has signed in. */
  getSignIns: () => signIns,
};

/** The gateway has answered a request with these credentials. */
export function noteAccepted(authorization: string | undefined): void {
  if (authorization !== undefined) accepted = authorization;
}

/**
 * Resolves once the user has signed in, or has closed the question.
 *
 * @param refused - what the request was sent with.
 * @param isElsewhere - whether it was not the gateway that has refused it.
 * @returns whether the request may be sent again.
 * @throws {unknown} the reason of the signal, if it is aborted before that.
 */
export async function waitForSignIn(
  refused: string | undefined,
  isElsewhere: boolean,
  signal: AbortSignal | null | undefined,
): Promise<boolean> {
  // Another request has asked in the meantime.
  if (getAuthorization() !== refused) return true;
  if (isDeclined) return false;
  signal?.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<boolean>();
  waiting.push(resolve);
  const onAbort = () => reject(signal?.reason);
  signal?.addEventListener('abort', onAbort, { once: true });
  if (isElsewhere) change('elsewhere');
  else if (refused === undefined) change('needed');
  else change(refused === accepted || refused === kept ? 'ended' : 'refused');
  return promise.finally(() => signal?.removeEventListener('abort', onAbort));
}

/** The user wants to sign in. */
export function openSignIn(): void {
  isDeclined = false;
  change(latest);
}

/** @returns false for credentials of somebody else than whose videos are shown: nothing is done with them. */
export function signIn(authorization: string, isKept: boolean): boolean {
  if (accepted !== undefined && isSomebodyElse(accepted, authorization)) return false;
  setAuthorization(authorization, isKept);
  isDeclined = false;
  signIns += 1;
  end(true);
  return true;
}

export function declineSignIn(): void {
  isDeclined = true;
  end(false);
}

/** Forgets the credentials, and everything that was read with them: the page starts anew. */
export function signOut(): void {
  setAuthorization(undefined, false);
  forget();
  // The browser may have kept this page as it is, for its Back button.
  addEventListener('pageshow', () => location.reload());
  location.replace(location.pathname);
}

function end(hasSignedIn: boolean): void {
  const resolvers = waiting;
  waiting = [];
  change('no');
  for (const resolve of resolvers) resolve(hasSignedIn);
}

function change(next: Asking): void {
  asking = next;
  if (next !== 'no') latest = next;
  for (const listener of listeners) listener();
}
