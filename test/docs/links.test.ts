// Links between the documents lead somewhere, in the repository and in the package.
import { existsSync } from 'node:fs';
import { join, posix } from 'node:path';
import { expect, test } from 'vitest';
import * as z from 'zod';
import { run } from '../support/run-command.ts';
import { ROOT, readAnchors, readDocuments, readRelativeLinks } from './read-documents.ts';

const documents = readDocuments();

/** From the root, and the anchor after `#`. */
function resolveLink(document: string, link: string): { path: string; anchor: string | undefined } {
  const [target = '', anchor] = link.split('#');
  return { path: target === '' ? document : posix.join(posix.dirname(document), target), anchor };
}

test.each([...documents.keys()])(
  'every relative link of %s leads to a file, and to a heading of it',
  (document) => {
    for (const link of readRelativeLinks(documents.get(document) ?? '')) {
      const { path, anchor } = resolveLink(document, link);
      expect(existsSync(join(ROOT, path)), link).toBe(true);
      if (anchor !== undefined) expect(readAnchors(documents.get(path) ?? ''), link).toContain(anchor);
    }
  },
);

test('every document in docs/ can be reached from the README', () => {
  const linked = readRelativeLinks(documents.get('README.md') ?? '').map(
    (link) => resolveLink('README.md', link).path,
  );
  for (const document of documents.keys()) if (document !== 'README.md') expect(linked).toContain(document);
});

test('the package has every document, and every file that one of them links to', async () => {
  const output = await run('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], { cwd: ROOT });
  const [packed] = z
    .array(z.object({ files: z.array(z.object({ path: z.string() })) }))
    .parse(JSON.parse(output));
  const paths = packed?.files.map(({ path }) => path);
  for (const [document, text] of documents) {
    expect(paths).toContain(document);
    for (const link of readRelativeLinks(text)) expect(paths).toContain(resolveLink(document, link).path);
  }
});
