// An answer as it goes over the wire, and the functions that send it, whole or broken.
import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { pause } from './delay.ts';
import type { Answer } from './problems.ts';

export type WireAnswer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
};

const NO_BODY = Buffer.alloc(0);
const MEGABYTE_OF_BLANKS = Buffer.alloc(1024 * 1024, ' ');

export function toWire(answer: Answer, date: string): WireAnswer {
  const headers = { Date: date, ...answer.headers };
  if (answer.json === undefined) return { status: answer.status, headers, body: NO_BODY };
  return withBody(answer.status, headers, Buffer.from(JSON.stringify(answer.json)));
}

/** Adds Content-Type and Content-Length unless the headers set them, as other servers do. */
export function withBody(
  status: number,
  headers: Readonly<Record<string, string>>,
  body: Buffer,
): WireAnswer {
  const length = { 'Content-Type': 'application/json', 'Content-Length': String(body.length) };
  return { status, headers: replaceHeaders(length, headers), body };
}

/** Replaces headers whatever their case; undefined removes a header. */
export function replaceHeaders(
  headers: Readonly<Record<string, string>>,
  replacements: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const replaced = new Set(Object.keys(replacements).map((name) => name.toLowerCase()));
  const result: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (!replaced.has(name.toLowerCase())) result[name] = value;
  }
  for (const [name, value] of Object.entries(replacements)) {
    if (value !== undefined) result[name] = value;
  }
  return result;
}

export function sendWhole(response: ServerResponse, { status, headers, body }: WireAnswer): void {
  response.writeHead(status, headers);
  response.end(body);
}

/** Stops if the client disconnects. */
export async function sendDripping(
  response: ServerResponse,
  wire: WireAnswer,
  everyMs: number,
): Promise<void> {
  response.writeHead(wire.status, wire.headers);
  response.flushHeaders();
  for (let at = 0; at < wire.body.length && !response.destroyed; at += 1) {
    await pause(everyMs);
    response.write(wire.body.subarray(at, at + 1));
  }
  response.end();
}

/** Sends half the body, then ends the connection. An answer without a body is complete by then. */
export function sendHalf(response: ServerResponse, { status, headers, body }: WireAnswer): void {
  response.writeHead(status, headers);
  response.write(body.subarray(0, Math.floor(body.length / 2)), () => response.destroy());
}

/** Small on the wire, but decompresses to `megabytes` of blanks, which JSON allows anywhere. */
export async function sendGzipBomb(response: ServerResponse, date: string, megabytes: number): Promise<void> {
  const headers = { Date: date, 'Content-Type': 'application/json', 'Content-Encoding': 'gzip' };
  response.writeHead(200, headers);
  const blanks = Readable.from(repeat(MEGABYTE_OF_BLANKS, megabytes));
  // A client may disconnect once it has seen enough.
  await pipeline(blanks, createGzip(), response).catch(() => response.destroy());
}

function* repeat(chunk: Buffer, times: number) {
  for (let time = 0; time < times; time += 1) yield chunk;
}
