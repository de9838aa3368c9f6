// A plugin of GraphQL Code Generator: the tabs that GraphiQL opens with, one for each file of this folder, as TypeScript.
import { readFileSync } from 'node:fs';
import type { GraphQLSchema } from 'graphql';

export function plugin(_schema: GraphQLSchema, documents: readonly { readonly location?: string }[]): string {
  // From the files themselves, since what was parsed has lost its comments.
  const files = documents.map(({ location = '' }) => location).sort();
  const tabs = files.map((file) => `  ${JSON.stringify(readFileSync(file, 'utf8'))},`);
  return `/** The operations of GraphiQL's tabs, in their order, with their comments. */
export const GRAPHIQL_TABS: readonly string[] = [\n${tabs.join('\n')}\n];\n`;
}
