// A GraphQL Code Generator plugin: writes the tabs that GraphiQL opens with as TypeScript, one for each file in this folder.
import { readFileSync } from 'node:fs';
import type { GraphQLSchema } from 'graphql';

export function plugin(_schema: GraphQLSchema, documents: readonly { readonly location?: string }[]): string {
  // Reads the files again, because the parsed documents have lost their comments.
  const files = documents
    .map(({ location = '' }) => location)
    .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
  const tabs = files.map((file) => `  ${JSON.stringify(readFileSync(file, 'utf8'))},`);
  return `/** The operations of GraphiQL's tabs, in their order, with their comments. */
export const GRAPHIQL_TABS: readonly string[] = [\n${tabs.join('\n')}\n];\n`;
}
