// The React examples in a real browser: deleting, undoing, restoring and paging on, compared with what upstream has.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createShelf } from '../support/create-videos.ts';
import { eventually } from '../support/eventually.ts';
import { EXAMPLES, type Examples, startExamples } from '../support/examples.ts';

let examples: Examples;
beforeAll(async () => {
  examples = await startExamples();
}, 120_000);
afterAll(() => examples[Symbol.asyncDispose]());

/** Some live videos, and behind them 30 removed ones. No two have the same time, so the caches can prove where each stands. */
function createHalfRemoved(live: number) {
  const day = 86_400_000;
  const removedAt = new Date(Date.now() - day).toISOString();
  const deletesAt = new Date(Date.now() + 89 * day).toISOString();
  return createShelf(live + 30).map((video, index) =>
    index < live ? video : { ...video, removedAt, deletesAt },
  );
}

describe.each(EXAMPLES)('%s', (name) => {
  test('deletes what is ticked and nothing that was unticked, undoes it, and deletes again', async () => {
    await using example = await examples.open(name, { videos: createShelf(5) });
    const { box, button, sandbox, id, titles, writes, showsTotals, section } = example;

    await box('Video 1').click();
    await box('Video 2').click();
    await box('Video 1').click();
    await button('Delete 1').click();
    await button('Undo 1').waitFor();

    expect(writes()).toEqual([`DELETE /videos/${id('Video 2')}`]);
    expect(sandbox.state(id('Video 2'))).toBe('removed');
    await showsTotals();
    expect(await titles('Videos')).toEqual(['Video 1', 'Video 3', 'Video 4', 'Video 5']);
    expect(await titles('Removed')).toEqual(['Video 2']);
    expect(await section('Last call').textContent()).toContain('1 deleted, 0 failed');
    expect(await button('Delete 0').isDisabled()).toBe(true);

    await button('Undo 1').click();
    await section('Last call').filter({ hasText: '1 restored, 0 failed' }).waitFor();

    expect(sandbox.state(id('Video 2'))).toBe('live');
    await showsTotals();
    expect(await titles('Videos')).toEqual(['Video 1', 'Video 2', 'Video 3', 'Video 4', 'Video 5']);
    expect(await titles('Removed')).toEqual([]);
    expect(await box('Video 2').isChecked()).toBe(false);
    expect(await button('Delete 0').isDisabled()).toBe(true);

    await box('Video 4').click();
    await button('Delete 1').click();
    await button('Undo 1').waitFor();

    expect(writes().slice(2)).toEqual([`DELETE /videos/${id('Video 4')}`]);
    await showsTotals();
    expect(example.complaints).toEqual([]);
  });

  test('restores what is ticked among the removed videos', async () => {
    await using example = await examples.open(name, { videos: createShelf(4) });
    const { box, button, sandbox, id, titles, showsTotals, section } = example;
    await box('Video 2').click();
    await box('Video 3').click();
    await button('Delete 2').click();
    await button('Undo 2').waitFor();

    await section('Removed').getByRole('checkbox', { name: 'Video 3' }).click();
    await button('Restore 1').click();
    await section('Last call').filter({ hasText: '1 restored, 0 failed' }).waitFor();

    expect(sandbox.state(id('Video 2'))).toBe('removed');
    expect(sandbox.state(id('Video 3'))).toBe('live');
    await showsTotals();
    expect(await titles('Videos')).toEqual(['Video 1', 'Video 3', 'Video 4']);
    expect(await titles('Removed')).toEqual(['Video 2']);
    expect(await button(/Undo/).count()).toBe(0);
    expect(example.complaints).toEqual([]);
  });

  test('pages on after a deletion without gaps or repeats, to the last video', async () => {
    await using example = await examples.open(name, { videos: createShelf(75) });
    const { box, button, truth, titles, showsTotals, section } = example;
    for (const number of [1, 2, 10, 24, 25]) await box(`Video ${number}`).click();
    await button('Delete 5').click();
    await button('Undo 5').waitFor();
    await showsTotals();

    const more = section('Videos').getByRole('button', { name: 'More' });
    await more.click();
    await eventually(async () => expect((await titles('Videos')).length).toBeGreaterThan(25));
    await box('Video 30').click();
    await button('Delete 1').click();
    await button('Undo 1').waitFor();
    await button('Undo 1').click();
    await section('Last call').filter({ hasText: '1 restored' }).waitFor();
    await more.click();
    await eventually(async () => expect(await more.count()).toBe(0));

    expect(await titles('Videos')).toEqual(truth(false).map(({ title }) => title));
    await showsTotals();
    expect((await titles('Removed')).toSorted()).toEqual(
      truth(true)
        .map(({ title }) => title)
        .toSorted(),
    );
    expect(example.complaints).toEqual([]);
  });

  test('shows the probe video that the first deletion adds, and both totals, to the last page', async () => {
    await using example = await examples.open(name, {
      videos: createHalfRemoved(3),
      env: { VIDEO_RESTORE: 'probe' },
    });
    const { box, button, truth, titles, showsTotals, section } = example;
    await box('Video 1').click();
    await button('Delete 1').click();
    await button('Undo 1').waitFor();

    expect(truth(true)).toHaveLength(32);
    await showsTotals();

    const more = section('Removed').getByRole('button', { name: 'More' });
    await more.click();
    await eventually(async () => expect(await more.count()).toBe(0));
    await showsTotals();
    const expected = truth(true).map(({ title }) => title);
    expect((await titles('Removed')).toSorted()).toEqual(expected.toSorted());

    await box('Video 2').click();
    await button('Delete 1').click();
    await section('Last call').filter({ hasText: '1 deleted, 0 failed' }).waitFor();
    await showsTotals();
    expect(example.complaints).toEqual([]);
  });

  test('counts the probe video if all removed videos were loaded before the first deletion', async () => {
    await using example = await examples.open(name, {
      videos: createHalfRemoved(1),
      env: { VIDEO_RESTORE: 'probe' },
    });
    const { box, button, titles, showsTotals, section } = example;
    await section('Removed').getByRole('button', { name: 'More' }).click();
    await eventually(async () => expect(await titles('Removed')).toHaveLength(30));
    await box('Video 1').click();
    await button('Delete 1').click();
    await button('Undo 1').waitFor();

    await showsTotals();
    expect(await titles('Videos')).toEqual([]);
    expect(example.complaints).toEqual([]);
  });

  test('says which deletions were permanent, and offers to undo none of them', async () => {
    await using example = await examples.open(name, {
      videos: createShelf(3),
      videoRestore: false,
      env: { VIDEO_RESTORE: 'off', PERMANENT_DELETION: 'allow' },
    });
    const { box, button, sandbox, id, titles, showsTotals, section } = example;
    const ids = [id('Video 1'), id('Video 3')];
    await box('Video 1').click();
    await box('Video 3').click();
    await button('Delete 2').click();
    await section('Last call').filter({ hasText: '2 deleted (2 permanently), 0 failed' }).waitFor();

    for (const each of ids) expect(sandbox.state(each)).toBe('absent');
    expect(await button(/^(Undo|Try again)/).count()).toBe(0);
    await showsTotals();
    expect(await titles('Videos')).toEqual(['Video 2']);
    expect(example.complaints).toEqual([]);
  });
});
