// The forms of values that OpenTelemetry's variables have. Each is optional, and its message completes "expected …".
import { X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import * as z from 'zod';
import { type CollectorHeaders, readCollectorHeaders } from './collector-headers.ts';
import { FileError, readBoundedFile } from './read-bounded-file.ts';
import { wholeNumber } from './whole-number.ts';

const MAX_FILE_BYTES = 1024 * 1024;
const EXPECTED_PAIRS = 'comma-separated pairs such as name=value';

export const positive = (max: number) => wholeNumber(1, max).optional();
export const listOf = (...known: readonly string[]) =>
  z
    .string()
    .toLowerCase()
    .transform((value) => value.split(',').map((item) => item.trim()))
    .refine((items) => items.every((item) => known.includes(item)), `a list of ${known.join(', ')}`)
    .optional();
export const oneOf = <const Choice extends string>(...choices: readonly Choice[]) =>
  z
    .string()
    .toLowerCase()
    .pipe(z.enum(choices, `one of ${choices.join(', ')}`))
    .optional();
export const pairs = (value: RegExp) =>
  z
    .string()
    .refine((given) => given.split(',').every((pair) => isPair(pair, value)), EXPECTED_PAIRS)
    .optional();
/** Each is read at once, so that none can be missing or wrong only after the start. */
const fileWith = (load: (content: Buffer) => void, expected: string) =>
  z
    .string()
    .transform((path, context) => {
      try {
        const content = readBoundedFile(path, MAX_FILE_BYTES);
        load(content);
        return content;
      } catch (error) {
        const isFile = !(error instanceof FileError);
        const message = isFile ? expected : `a file that can be read (it ${error.message})`;
        context.issues.push({ code: 'custom', message, input: path });
        return z.NEVER;
      }
    })
    .optional();
/** TLS silently ignores an authority that is none. */
export const authority = fileWith((ca) => {
  if (!ca.includes('-----BEGIN')) throw new Error('it is not PEM');
  new X509Certificate(ca);
}, 'a file with certificates in PEM form');
export const certificate = fileWith(
  (cert) => createSecureContext({ cert }),
  'a file with a certificate in PEM form',
);
export const privateKey = fileWith(
  (key) => createSecureContext({ key }),
  'a file with a private key in PEM form and without a passphrase',
);

/** `name=value`, each of them percent-encoded. */
function isPair(pair: string, form: RegExp): boolean {
  const [, name = '', value = ''] = /^\s*([^=\s]{1,255})\s*=(.*)$/s.exec(pair) ?? [];
  if (name === '' || !form.test(value)) return false;
  try {
    decodeURIComponent(name);
    decodeURIComponent(value);
    return true;
  } catch {
    return false;
  }
}

/** The headers for the collector. */
export const headers = z
  .string()
  .transform(readCollectorHeaders)
  .pipe(z.custom<CollectorHeaders>(Boolean, EXPECTED_PAIRS))
  .optional();
