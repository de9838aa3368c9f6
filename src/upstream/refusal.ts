// Whether a refusal (4xx) came from api.video itself. Only its problem documents prove that: anything in between may refuse
// in its place, before the request reached api.video or after it took effect.
import * as z from 'zod';
import { parseJson } from './parse-json.ts';

/** The part of an answer that shows who refused. */
type Answered = { readonly status: number; readonly body: Buffer };

/** What an answer says of a refusal. Without `type` and `title`, only its status is known. */
export type Refusal = {
  readonly status: number;
  /** The last part of the type link, such as `resource-not-found`. */
  readonly type?: string | undefined;
  /** One line of at most `MAX_TITLE` characters and a final "…". */
  readonly title?: string | undefined;
};

/** api.video's own documents have a few hundred bytes. */
const MAX_BYTES = 64 * 1024;
const MAX_TYPE = 100;
const MAX_TITLE = 200;
/** Whoever answers with these, the gateway waits, or gets a new token. */
const UNDERSTOOD = new Set([401, 429]);
/** "Not now": a timeout, a conflict, a lock, too early. */
const TRANSIENT = new Set([408, 409, 423, 425]);

const problemShape = z.object({
  type: z.string().nullish(),
  title: z.string().nullish(),
  name: z.string().nullish(),
  status: z.number().nullish(),
  problems: z.unknown().optional(),
  range: z.unknown().optional(),
});

/** The only problem that api.video documents without a type: a parameter of a list is out of its range. */
const untypedShape = z
  .object({
    title: z.string().min(1),
    name: z.string().min(1),
    status: z.literal(400),
    range: z.record(z.string(), z.unknown()).optional(),
    problems: z.array(z.unknown()).min(1).optional(),
  })
  .refine(({ range, problems }) => range ?? problems);

/**
 * The refusal in api.video's problem document; undefined if the answer is no 4xx or has none. The type of such a document is a link to
 * api.video's documentation, but for `untypedShape`, whose members RFC 9457 does not know. A document whose status is not
 * that of the answer is somebody else's.
 */
export function readRefusal({ status, body }: Answered): Refusal | undefined {
  if (status < 400 || status > 499 || body.length > MAX_BYTES) return undefined;
  const { data } = problemShape.safeParse(parseJson(body));
  if (!data || (data.status != null && data.status !== status)) return undefined;
  const { type, title } = data;
  if (type == null && (status !== 400 || !untypedShape.safeParse(data).success)) return undefined;
  const link = type == null ? undefined : parseLink(type);
  if (type != null && !link) return undefined;
  return {
    status,
    type: link && (toName(link) || undefined),
    title: title == null ? undefined : toLine(title),
  };
}

/** Whether the same request may succeed later. */
export function isTransient({ status }: Refusal): boolean {
  return TRANSIENT.has(status);
}

/** Whether an answer shows that api.video failed, or that something in between answered in its place. */
export function isFailure(answer: Answered): boolean {
  const { status } = answer;
  return status >= 400 && !UNDERSTOOD.has(status) && readRefusal(answer) === undefined;
}

function parseLink(type: string): URL | undefined {
  const link = URL.parse(type);
  const isDocumentation =
    link && /^https?:$/.test(link.protocol) && /(?:^|\.)api\.video$/.test(link.hostname);
  return isDocumentation ? link : undefined;
}

/** It goes into the log. */
function toName({ pathname }: URL): string {
  const name = pathname.split('/').findLast((part) => part !== '') ?? '';
  return name.replaceAll(/[^\w.-]/g, '').slice(0, MAX_TYPE);
}

/** Callers have nothing to do with api.video's addresses. */
const ADDRESS = /:\/\/|\.api\.video/i;

/** It goes into answers: without addresses, control characters, invisible ones and line breaks. */
function toLine(title: string): string | undefined {
  const words = title.split(/[\p{C}\p{Z}]+/u).filter((word) => word !== '');
  if (words.every((word) => ADDRESS.test(word))) return undefined;
  const characters = [...words.map((word) => (ADDRESS.test(word) ? '…' : word)).join(' ')];
  const line = characters.slice(0, MAX_TITLE).join('');
  return characters.length > MAX_TITLE ? `${line.trimEnd()}…` : line;
}
