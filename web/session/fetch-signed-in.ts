// Sends requests to the gateway with the caller's credentials. One that the gateway has refused for lack of them waits until the
// user has signed in; one for which it had no place is sent once more. Neither was executed.
import { readErrors } from './answers.ts';
import { noteRequest } from './connection.ts';
import { noteAccepted, waitForSignIn } from './session.ts';
import { getAuthorization } from './token.ts';

const LONGEST_WAIT_SECONDS = 30;

export const fetchSignedIn: typeof fetch = async (input, init) => {
  for (let hasWaited = false; ; ) {
    const authorization = getAuthorization();
    const response = await fetchNoted(input, addAuthorization(init, authorization));
    // The gateway leads nowhere else: something in front of it wants the user to sign in.
    const isElsewhere = response.type === 'opaqueredirect';
    if (isElsewhere || response.status === 401) {
      const isGateways = !isElsewhere && (await readCode(response)) === 'UNAUTHENTICATED';
      if (await waitForSignIn(authorization, !isGateways, init?.signal)) continue;
      return isElsewhere ? new Response(null, { status: 401 }) : response;
    }
    if (response.ok) noteAccepted(authorization);
    const seconds = hasWaited ? undefined : await readWait(response);
    if (seconds === undefined) return response;
    hasWaited = true;
    await wait(seconds, init?.signal);
  }
};

async function fetchNoted(...request: Parameters<typeof fetch>): Promise<Response> {
  try {
    const response = await fetch(...request);
    noteRequest(true);
    return response;
  } catch (error) {
    noteRequest(false);
    throw error;
  }
}

function addAuthorization(init: RequestInit | undefined, authorization: string | undefined): RequestInit {
  const headers = new Headers(init?.headers);
  if (authorization !== undefined) headers.set('authorization', authorization);
  return { ...init, headers, redirect: 'manual' };
}

/** Seconds, if the gateway itself had no place for the request. A proxy that says 503 may have passed it on. */
async function readWait(response: Response): Promise<number | undefined> {
  if (response.status !== 503 || (await readCode(response)) !== 'OVERLOADED') return undefined;
  const seconds = Number(response.headers.get('retry-after') ?? 1);
  return seconds >= 0 && seconds <= LONGEST_WAIT_SECONDS ? seconds : undefined;
}

/** The code of the first error, if it is an answer of the gateway. */
const readCode = async (response: Response) => readErrors(await response.clone().text())[0]?.code;

function wait(seconds: number, signal: AbortSignal | null | undefined): Promise<void> {
  signal?.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, seconds * 1000);
  const onAbort = () => reject(signal?.reason);
  signal?.addEventListener('abort', onAbort, { once: true });
  return promise.finally(() => {
    clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
  });
}
