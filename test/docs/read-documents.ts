// Reads the documents for tests: their text, marked examples, tables, headings and links.
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export type Example = { readonly document: string; readonly language: string; readonly code: string };

export function readText(path: string): string {
  return readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
}

/** The text of each document, by its path from the root, such as `docs/results.md`. */
export function readDocuments(): ReadonlyMap<string, string> {
  const inDocs = readdirSync(new URL('../../docs/', import.meta.url))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`);
  const paths = ['README.md', 'CONTRIBUTING.md', 'SECURITY.md', 'CHANGELOG.md', ...inDocs];
  return new Map(paths.map((path) => [path, readText(path)]));
}

/** Every code block that follows a comment `<!-- example: name -->`, by that name. */
export function readExamples(): ReadonlyMap<string, Example> {
  const examples = new Map<string, Example>();
  for (const [document, text] of readDocuments()) {
    for (const [, name = '', language = '', code = ''] of text.matchAll(
      /<!-- example: ([\w-]+) -->\n```(\w+)\n([\s\S]*?)```/g,
    )) {
      if (examples.has(name)) throw new Error(`two examples are named ${name}`);
      examples.set(name, { document, language, code });
    }
  }
  return examples;
}

/** The rows of every table whose first column has this heading, by column. Cells that are code lose their backticks. */
export function readRows(text: string, firstColumn: string): Record<string, string>[] {
  const tables = text.match(/(?:^\|.*\|\n)+/gm) ?? [];
  return tables.flatMap((table) => {
    const [head = [], , ...rows] = table.trimEnd().split('\n').map(readCells);
    if (head[0] !== firstColumn) return [];
    return rows.map((cells) => Object.fromEntries(cells.map((cell, index) => [head[index] ?? '', cell])));
  });
}

function readCells(line: string): string[] {
  return line
    .slice(1, -1)
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim().replaceAll('\\|', '|'));
}

/** The texts in backticks, in order. */
export function readCode(cell: string): string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code);
}

/** The anchors of a document's headings, as GitHub makes them. */
export function readAnchors(text: string): ReadonlySet<string> {
  const prose = text.replaceAll(/^```[\s\S]*?^```/gm, '');
  const headings = [...prose.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => heading);
  return new Set(
    headings.map((heading) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\w\- ]/g, '')
        .replaceAll(' ', '-'),
    ),
  );
}

/** The targets of a document's links to files of the repository, without those in code. */
export function readRelativeLinks(text: string): string[] {
  const prose = text.replaceAll(/^```[\s\S]*?^```/gm, '').replaceAll(/`[^`\n]*`/g, '');
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = '']) => target)
    .filter((target) => !URL.canParse(target));
}
