// The forms of values that OpenTelemetry's variables have. Each is optional, and its message completes "expected …".
import { accessSync, constants } from 'node:fs';
import * as z from 'zod';
import { type CollectorHeaders, readCollectorHeaders } from './collector-headers.ts';

const EXPECTED_PAIRS = 'comma-separated pairs such as name=value';

export const wholeNumber = (max: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/, `a whole number from 1 to ${max}`)
    .transform(Number)
    .refine((value) => value >= 1 && value <= max, `a whole number from 1 to ${max}`)
    .optional();
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
export const file = z.string().refine(isReadable, 'a file that can be read').optional();

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

function isReadable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK);
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
