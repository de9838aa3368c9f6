// The document on the web app names files, buttons and limits as they are.
import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import * as words from '../../web/words.ts';
import { ROOT, readDocuments } from './read-documents.ts';

const text = readDocuments().get('docs/web-app.md') ?? '';

test('every file of web/ that it names is there', () => {
  const files = new Set(
    globSync('web/**/*.{ts,tsx,js,css,html}', { cwd: ROOT }).map((path) => basename(path)),
  );
  const named = [...text.matchAll(/(?<!test\/[\w./-]*)[\w.-]+\.(?:tsx?|js|css|html)\b/g)].map(
    ([name]) => name,
  );
  expect(named.length).toBeGreaterThan(25);
  for (const name of named) expect(files, name).toContain(name);
});

test('every folder of web/ has a row', () => {
  const folders = globSync('web/*/', { cwd: ROOT }).map((path) => basename(join(path)));
  expect(folders.length).toBeGreaterThan(7);
  for (const folder of folders) expect(text).toContain(`\`${folder}/\``);
});

test('the buttons and sentences that it quotes are those of the app', () => {
  const sentences = [
    words.selection.selectAll(10_000, false),
    words.selection.clear,
    words.operations.cancel,
    words.operations.undo,
    words.signIn.keep,
    words.signIn.out,
    words.signIn.title,
    words.faults.signedOut.replace('.', ''),
  ];
  // It breaks lines anywhere.
  const flat = text.replace(/\s+/g, ' ');
  for (const sentence of sentences)
    expect(flat.includes(`**${sentence}**`) || flat.includes(`"${sentence}"`), sentence).toBe(true);
});

test('it names the number of videos above which a deletion goes on in the background', () => {
  const source = readFileSync(join(ROOT, 'web/acts/act-runner.ts'), 'utf8');
  const [, most] = /MOST_IN_FOREGROUND = (\d+)/.exec(source) ?? [];
  expect(text).toContain(`**More than ${most}** become a`);
});
