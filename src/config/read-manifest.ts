// Reads the manifest of the operations that a deployment accepts: a plain map from id to document, or Apollo's format.
// The gateway reports faults in it before it listens.
import { buildSchema, type GraphQLSchema, parse, validate } from 'graphql';
import * as z from 'zod';
import { readTypeDefs } from '../type-defs.ts';
import { FileError, readBoundedFile } from './read-bounded-file.ts';

const MAX_BYTES = 16 * 1024 * 1024;

/** Maps the id of an operation to its document. */
export type PersistedOperations = ReadonlyMap<string, string>;

const id = z.string().min(1);
const apolloManifest = z
  .object({
    format: z.literal('apollo-persisted-query-manifest'),
    version: z.literal(1),
    operations: z.array(z.object({ id, body: z.string() })),
  })
  .transform(({ operations }) => operations.map(({ id, body }): [string, string] => [id, body]));
const plainMap = z.record(id, z.string()).transform((map) => Object.entries(map));

/**
 * Reads the manifest.
 *
 * @throws {Error} with a message that completes "expected …" and names the first fault in the file.
 */
export function readPersistedOperations(path: string): PersistedOperations {
  const json = readJson(path);
  const isApollo = typeof json === 'object' && json !== null && 'format' in json;
  const parsed = (isApollo ? apolloManifest : plainMap).safeParse(json);
  if (!parsed.success) {
    const { path: place = [], message = '' } = parsed.error.issues[0] ?? {};
    throw new Error(
      `a file with a map from id to document, or a manifest of format "apollo-persisted-query-manifest" and version 1 (${place.join('.') || 'the whole file'}: ${message})`,
    );
  }
  if (parsed.data.length === 0) throw new Error('a file with at least one operation');
  const schema = buildSchema(readTypeDefs());
  for (const [name, document] of parsed.data) {
    const fault = findFault(schema, document);
    if (fault) throw new Error(`a file of documents that fit the schema (${name}: ${fault})`);
  }
  return new Map(parsed.data);
}

function readJson(path: string): unknown {
  try {
    // Editors of Windows write a byte order mark, which is no JSON.
    return JSON.parse(
      readBoundedFile(path, MAX_BYTES)
        .toString('utf8')
        .replace(/^\ufeff/, ''),
    );
  } catch (error) {
    // The parser's message quotes the file, which may be any file and contain secrets.
    const reason = error instanceof FileError ? `it ${error.message}` : 'it is not JSON';
    throw new Error(`a readable JSON file (${reason})`);
  }
}

function findFault(schema: GraphQLSchema, document: string): string | undefined {
  try {
    return validate(schema, parse(document))[0]?.message;
  } catch (error) {
    return toMessage(error);
  }
}

function toMessage(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
