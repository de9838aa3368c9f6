// Durable operations in the React examples, in a real browser: progress, cancelling, undoing, and a page that is loaded again.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createShelf } from '../support/create-videos.ts';
import { eventually } from '../support/eventually.ts';
import { EXAMPLES, type Examples, startExamples } from '../support/examples.ts';

const STORE = { store: { kind: 'memory' } } as const;

let examples: Examples;
beforeAll(async () => {
  examples = await startExamples();
}, 120_000);
afterAll(() => examples[Symbol.asyncDispose]());

describe.each(EXAMPLES)('%s', (name) => {
  test('deletes in the background, shows the end in both lists, and undoes all of it', async () => {
    await using example = await examples.open(name, { videos: createShelf(8), ...STORE });
    const { box, button, section, titles, truth, showsTotals } = example;
    for (const number of [2, 3, 5]) await box(`Video ${number}`).click();
    await button('In the background').first().click();
    const operation = section('Operations').locator('li');
    await operation.filter({ hasText: '3 of 3 deleted, 0 failed' }).waitFor();

    await showsTotals();
    expect(await titles('Videos')).toEqual(['Video 1', 'Video 4', 'Video 6', 'Video 7', 'Video 8']);
    expect(await titles('Removed')).toEqual(['Video 2', 'Video 3', 'Video 5']);
    expect(await button('Delete 0').isDisabled()).toBe(true);

    await button('Undo all').click();
    await operation.filter({ hasText: '3 of 3 restored, 0 failed' }).waitFor();
    await showsTotals();
    expect(truth(true)).toEqual([]);
    expect(await titles('Videos')).toHaveLength(8);
    await eventually(async () => expect(await button('Undo all').count()).toBe(0));
    expect(example.complaints).toEqual([]);
  });

  test('goes on showing an operation after the page was loaded again, and cancels it', async () => {
    const limits = { reads: 1000, writes: 4 };
    await using example = await examples.open(name, { videos: createShelf(20), limits, ...STORE });
    const { page, box, button, section, truth, showsTotals, writes } = example;
    for (let number = 1; number <= 12; number += 1) await box(`Video ${number}`).click();
    await button('In the background').first().click();
    await section('Operations').filter({ hasText: 'of 12 deleted' }).waitFor();
    await page.reload();
    await section('Operations')
      .filter({ hasText: /[1-9] of 12 deleted/ })
      .waitFor();
    await button('Cancel').click();
    await section('Operations').filter({ hasText: 'Cancelled' }).waitFor();
    await section('Operations')
      .filter({ hasText: /NOT_ATTEMPTED: \d+/ })
      .waitFor();

    await showsTotals();
    expect(truth(true).length).toBeLessThan(12);
    expect(writes()).toHaveLength(truth(true).length);
    expect(await button('Undo all').count()).toBe(1);
    expect(example.complaints).toEqual([]);
  });

  test('starts nothing twice if the answer to the start was lost', async () => {
    await using example = await examples.open(name, { videos: createShelf(3), ...STORE });
    const { page, isGateway, box, button, section, writes, showsTotals } = example;
    let lost = 0;
    await page.route(isGateway, async (route) => {
      if (lost > 0 || !route.request().postData()?.includes('"idempotencyKey"')) return route.fallback();
      lost += 1;
      await route.fetch();
      return route.abort();
    });
    await box('Video 1').click();
    await button('In the background').first().click();
    await section('Operations').getByRole('alert').waitFor();
    await button('In the background').first().click();
    await section('Operations').locator('li').filter({ hasText: '1 of 1 deleted' }).waitFor();

    await showsTotals();
    expect(writes()).toHaveLength(1);
    expect(await section('Operations').locator('li').count()).toBe(1);
    expect(example.complaints).toEqual([]);
  });

  test('says why a start was refused, and keeps the ticks', async () => {
    await using example = await examples.open(name, { videos: createShelf(2) });
    const { box, button, section } = example;
    await box('Video 1').click();
    await button('In the background').first().click();
    await section('Operations').getByRole('alert').waitFor();

    expect(await box('Video 1').isChecked()).toBe(true);
    expect(example.complaints).toEqual([]);
  });
});
