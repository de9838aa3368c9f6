// Reads the bodies of POST and PATCH of a video, and reports their faults as upstream does. It ignores attributes that
// the sandbox does not keep (watermark, transcript, clip).
import * as z from 'zod';
import { type Complaint, invalidAttribute, requiredAttribute, wrongAttribute } from './problems.ts';

// The published description has `false` instead of "no", Norwegian, because YAML reads a bare no as false.
const LANGUAGES = new Set(
  'ar ca cs da de el en es fa fi fr he hi hr hu it ja ko ml nl nn no pl pt ru sk sl te tr uk ur vi zh'.split(
    ' ',
  ),
);

const update = z.object({
  title: z.string('a string').min(1, 'a string that is not empty').exactOptional(),
  description: z.string('a string').exactOptional(),
  playerId: z.string('a string').exactOptional(),
  public: z.boolean('a boolean').exactOptional(),
  panoramic: z.boolean('a boolean').exactOptional(),
  mp4Support: z.boolean('a boolean').exactOptional(),
  tags: z.array(z.string('a string'), 'an array').exactOptional(),
  metadata: z
    .array(z.object({ key: z.string('a string'), value: z.string('a string') }, 'an object'), 'an array')
    .exactOptional(),
  language: z.string('a string').nullable().exactOptional(),
});

const creation = update.extend({ title: update.shape.title.unwrap() });

export type VideoUpdate = z.infer<typeof update>;
export type VideoCreation = z.infer<typeof creation>;

/** The fields to set, or the faults of the body, at least one. */
export type Payload<T> =
  | { readonly ok: true; readonly fields: T }
  | { readonly ok: false; readonly complaints: readonly [Complaint, ...Complaint[]] };

export const readUpdate = (body: unknown): Payload<VideoUpdate> => read(update, body);

export const readCreation = (body: unknown): Payload<VideoCreation> => read(creation, body);

function read<T extends VideoUpdate>(shape: z.ZodType<T>, body: unknown): Payload<T> {
  const parsed = shape.safeParse(body);
  if (parsed.success) {
    const complaint = complainOfLanguage(parsed.data.language);
    return complaint ? { ok: false, complaints: [complaint] } : { ok: true, fields: parsed.data };
  }
  const [first, ...others] = parsed.error.issues.map((issue) => {
    const [name, ...rest] = issue.path.map(String);
    const isMissing = rest.length === 0 && name !== undefined && !hasOwn(body, name);
    return isMissing ? requiredAttribute(name) : wrongAttribute([name, ...rest].join('.'), issue.message);
  });
  return { ok: false, complaints: [first ?? wrongAttribute('', 'valid'), ...others] };
}

function hasOwn(body: unknown, name: string): boolean {
  return typeof body === 'object' && body !== null && Object.hasOwn(body, name);
}

function complainOfLanguage(language: string | null | undefined): Complaint | undefined {
  if (language === null || language === undefined) return undefined;
  if (!/^[A-Za-z-]+$/.test(language)) {
    return invalidAttribute(
      'language',
      'The "language" attribute must contain only letters and dashes (for example "fr", "fr-BE").',
    );
  }
  const [base = ''] = language.split('-');
  return LANGUAGES.has(base.toLowerCase())
    ? undefined
    : invalidAttribute('language', 'The "language" attribute is not valid.');
}
