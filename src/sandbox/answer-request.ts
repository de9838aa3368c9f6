// Turns a received request into its usual answer: route, credentials, limits, body, call, in that order. It changes
// nothing but the limits; the answer's `commit` makes the change itself.
import { answerUnauthorized, findProject, type Keyring } from './authenticate.ts';
import {
  type Answer,
  bodyTooLarge,
  malformedBody,
  methodNotAllowed,
  tooManyRequests,
  unrecognizedUrl,
} from './problems.ts';
import type { ReceivedBody } from './read-body.ts';
import { findAuthMethods, findMethods } from './routes.ts';
import type { SandboxRequest } from './types.ts';
import type { Manners } from './video-calls.ts';

export type Upstream = {
  readonly keyring: Keyring;
  readonly manners: Manners;
  /** The sandbox's own address, for absolute links and the assets of videos. */
  readonly url: string;
};

/** `reached`: whether the request got as far as a call that looks at the state. */
export type UsualAnswer = { readonly answer: Answer; readonly reached: boolean };

export function answerRequest(request: SandboxRequest, body: ReceivedBody, upstream: Upstream): UsualAnswer {
  if (request.kind === 'auth') {
    return dispatch(request, body, findAuthMethods(request.path), (handler) =>
      handler(body.json, upstream.keyring),
    );
  }
  const methods = findMethods(request.path, upstream.manners.dialect);
  const { authorization } = request.headers;
  const header = typeof authorization === 'string' ? authorization : undefined;
  const project = findProject(header, upstream.keyring);
  if (!project) return { answer: methods ? answerUnauthorized(header) : unrecognizedUrl(), reached: false };

  const ticket = project.rateLimit.take(request.kind === 'read' ? 'reads' : 'writes');
  const { answer, reached } = ticket.granted
    ? dispatch(request, body, methods, (handler) =>
        handler({
          project,
          videoId: request.videoId ?? '',
          query: request.query,
          body: body.json,
          manners: upstream.manners,
          origin: upstream.url,
          path: request.path,
        }),
      )
    : { answer: tooManyRequests(), reached: false };
  return { answer: { ...answer, headers: { ...answer.headers, ...ticket.headers } }, reached };
}

function dispatch<H>(
  request: SandboxRequest,
  body: ReceivedBody,
  methods: ReadonlyMap<string, H> | undefined,
  call: (handler: H) => Answer,
): UsualAnswer {
  if (!methods) return { answer: unrecognizedUrl(), reached: false };
  const handler = methods.get(request.method);
  if (!handler) return { answer: methodNotAllowed([...methods.keys()]), reached: false };
  if (body.kind === 'too-large') return { answer: bodyTooLarge(), reached: false };
  // Upstream does not look at the body of a GET or DELETE.
  const readsBody = request.method === 'POST' || request.method === 'PATCH';
  if (body.kind === 'malformed' && readsBody) return { answer: malformedBody(), reached: false };
  return { answer: call(handler), reached: true };
}
