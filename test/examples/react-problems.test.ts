// The React examples in a real browser: what they show of failures, of waits and of a gateway that does not answer.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createShelf } from '../support/create-videos.ts';
import { eventually } from '../support/eventually.ts';
import { EXAMPLES, type Examples, startExamples } from '../support/examples.ts';

let examples: Examples;
beforeAll(async () => {
  examples = await startExamples();
}, 120_000);
afterAll(() => examples[Symbol.asyncDispose]());

describe.each(EXAMPLES)('%s', (name) => {
  test('shows why a video failed, and keeps only that one ticked', async () => {
    await using example = await examples.open(name, { videos: createShelf(3) });
    const { box, button, sandbox, id, section } = example;
    const stubborn = id('Video 2');
    await box('Video 1').click();
    await box('Video 2').click();
    sandbox.setFault(({ kind, videoId }) =>
      kind === 'write' && videoId === stubborn ? { kind: 'answer', acts: false, status: 500 } : undefined,
    );
    await button('Delete 2').click();
    const failure = section('Last call').getByRole('listitem');
    await failure.waitFor();

    expect(await failure.allTextContents()).toEqual([expect.stringMatching(/^Video 2: .*api\.video/)]);
    expect(await section('Last call').textContent()).toContain('1 deleted, 1 failed');
    expect(await box('Video 2').isChecked()).toBe(true);
    expect(await button('Delete 1').isEnabled()).toBe(true);

    sandbox.setFault(undefined);
    await button(/^Try again 1/).click();
    await section('Last call').filter({ hasText: '2 deleted, 0 failed' }).waitFor();

    expect(sandbox.state(stubborn)).toBe('removed');
    await button('Undo 2').waitFor();
    expect(example.complaints).toEqual([]);
  });

  test('counts the wait down before it undoes again what the rate limit left out', async () => {
    // Longer than the 20 seconds that a call waits for the rate limit by itself.
    const windowMs = 40_000;
    await using example = await examples.open(name, {
      videos: createShelf(3),
      windowMs,
      limits: { reads: 500, writes: 3 },
    });
    const { box, button, sandbox, id, page, section } = example;
    await box('Video 1').click();
    await box('Video 2').click();
    await button('Delete 2').click();
    await button('Undo 2').click();
    const again = button(/^Try again 1 in \d+ s$/);
    await again.waitFor();

    expect(await section('Last call').textContent()).toContain('1 restored, 1 failed');
    const readSeconds = async () => Number(/in (\d+) s/.exec((await again.textContent()) ?? '')?.[1]);
    const before = await readSeconds();
    expect(await again.isDisabled()).toBe(true);
    expect(before).toBeGreaterThan(1);
    expect(before).toBeLessThanOrEqual(windowMs / 1000);
    await eventually(async () => expect(await readSeconds()).toBeLessThan(before));

    await button(/^Try again 1$/).click();
    await section('Last call').filter({ hasText: '2 restored, 0 failed' }).waitFor();
    expect(sandbox.state(id('Video 1'))).toBe('live');
    expect(sandbox.state(id('Video 2'))).toBe('live');
    await example.showsTotals();
    expect(await page.getByRole('alert').count()).toBe(0);
  });

  test('offers no retry for a video that is gone, and forgets its tick with its row', async () => {
    await using example = await examples.open(name, { videos: createShelf(3) });
    const { box, button, sandbox, id, section, titles, showsTotals } = example;
    await box('Video 1').click();
    await box('Video 2').click();
    sandbox.destroy(id('Video 2'));
    await button('Delete 2').click();
    const failure = section('Last call').getByRole('listitem');
    await failure.waitFor();

    expect(await failure.allTextContents()).toEqual([expect.stringMatching(/^Video 2: /)]);
    expect(await button(/^Try again/).count()).toBe(0);
    await showsTotals();
    expect(await titles('Videos')).toEqual(['Video 3']);
    expect(await button('Delete 0').isDisabled()).toBe(true);
  });

  test('shows that the answer to a deletion is missing, and settles it by trying again', async () => {
    await using example = await examples.open(name, { videos: createShelf(3) });
    const { box, button, sandbox, id, page, gateway, section, showsTotals, pageOrigin, origin, isGateway } =
      example;
    await box('Video 1').click();
    // The gateway deletes, and its answer does not arrive.
    await page.route(isGateway, async (route) => {
      await gateway.fetch(`${origin}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: route.request().postData() ?? '',
      });
      await route.abort();
    });
    await button('Delete 1').click();
    await section('Last call').getByRole('alert').waitFor();

    const alert = await section('Last call').getByRole('alert').textContent();
    expect(alert).toContain('No answer');
    expect(alert).toContain(pageOrigin);
    expect(sandbox.state(id('Video 1'))).toBe('removed');
    expect(await box('Video 1').isChecked()).toBe(true);

    await page.unrouteAll();
    await button(/^Try again 1$/).click();
    await section('Last call').filter({ hasText: '1 deleted, 0 failed' }).waitFor();
    await showsTotals();
    expect(await page.getByRole('alert').count()).toBe(0);
  });

  test('shows a mistake in the call as a whole', async () => {
    await using example = await examples.open(name, { videos: createShelf(3), env: { MAX_IDS: '1' } });
    const { box, button, section, writes } = example;
    await box('Video 1').click();
    await box('Video 2').click();
    await button('Delete 2').click();

    const alert = section('Last call').getByRole('alert');
    await alert.waitFor();
    expect(await alert.textContent()).toContain('at most 1');
    expect(await button('Delete 2').isEnabled()).toBe(true);
    expect(writes()).toEqual([]);
  });

  test('loads both lists again once the gateway is back', async () => {
    await using example = await examples.open(name, { videos: createShelf(2), isDown: true });
    const { page, titles, showsTotals } = example;
    const loadAgain = page.getByRole('button', { name: 'Load again' });
    await eventually(async () => expect(await loadAgain.count()).toBe(2));
    expect(await page.getByRole('alert').first().textContent()).toContain('Does the gateway run');

    await page.unrouteAll();
    await loadAgain.first().click();
    await loadAgain.last().click();
    await showsTotals();
    expect(await titles('Videos')).toEqual(['Video 1', 'Video 2']);
    expect(await page.getByRole('alert').count()).toBe(0);
  });

  test('says which setting a refused page needs', async () => {
    await using example = await examples.open(name, { videos: createShelf(1), mayCall: false });
    const { page, pageOrigin } = example;
    await eventually(async () => expect(await page.getByRole('alert').count()).toBe(2));
    for (const alert of await page.getByRole('alert').allTextContents()) {
      expect(alert).toContain(`CORS_ORIGINS list ${pageOrigin}`);
    }
  });

  test('keeps the loaded rows if the next page fails, and goes on once it can', async () => {
    await using example = await examples.open(name, { videos: createShelf(30) });
    const { sandbox, section, titles, truth, button } = example;
    await eventually(async () => expect(await titles('Videos')).toHaveLength(25));
    sandbox.setFault(({ kind }) =>
      kind === 'read' ? { kind: 'answer', acts: false, status: 500 } : undefined,
    );
    await section('Videos').getByRole('button', { name: 'More' }).click();
    const alert = section('Videos').getByRole('alert');
    await alert.waitFor();
    expect(await alert.textContent()).toMatch(/api\.video/);
    expect(await titles('Videos')).toHaveLength(25);

    expect(await section('Videos').getByRole('button', { name: 'More' }).count()).toBe(0);

    sandbox.setFault(undefined);
    await button('Load again').click();
    await alert.waitFor({ state: 'detached' });
    await eventually(async () =>
      expect(await titles('Videos')).toEqual(truth(false).map(({ title }) => title)),
    );
    expect(example.complaints).toEqual([]);
  });
});
