// More than fifty videos whose answer is lost: asked for again with the same key, they are one operation all the same.
import { test } from 'vitest';
import { createVideos } from '../support/create-videos.ts';
import { selection, watchSent } from '../support/video-list.ts';
import { openLosing, panel } from '../support/web-acts.ts';
import { useBrowser } from '../support/web-app.ts';

const browser = useBrowser();
const env = { VIDEO_RESTORE: 'on' };

test('more than fifty whose answer is lost are asked for again with the same key, and each is deleted once', async ({
  expect,
}) => {
  const { videos, ids } = createVideos(60);
  const { app, proxy } = await openLosing(browser(), { env, videos });
  await using _ = app;
  const { page } = app;
  await page.getByRole('row').first().waitFor();
  const sent = watchSent(page);
  const lost = proxy.loseNext(/DeleteVideos/);
  await page.locator('.bar .box').click();
  await page.getByRole('button', { name: 'Delete 60 videos' }).click();
  await lost;

  await page.locator('.strip').getByText('60 videos moved to Removed').waitFor();
  const keys = sent.filter(({ name }) => name === 'DeleteVideos').map(({ options }) => options);
  expect(keys).toHaveLength(2);
  expect(keys[1]).toEqual(keys[0]);
  expect(app.writes().toSorted()).toEqual(ids.map((id) => `DELETE ${id}`).toSorted());
});

test.for(['Try 60 again', 'Delete 60 videos'])(
  'if no answer comes at all, it is not known whether they have begun, and "%s" sends the same key',
  async (name, { expect }) => {
    const { videos, ids } = createVideos(60);
    const { app, proxy } = await openLosing(browser(), { env, videos });
    await using _ = app;
    const { page } = app;
    await page.getByRole('row').first().waitFor();
    const sent = watchSent(page);
    const lost = [1, 2, 3].map(() => proxy.loseNext(/DeleteVideos/));
    await page.locator('.bar .box').click();
    await page.getByRole('button', { name: 'Delete 60 videos' }).click();
    await Promise.all(lost);

    await panel(page)
      .getByText('It is not known whether the gateway has begun to delete 60 videos')
      .waitFor();
    expect(await selection(page).getByText('60 selected').count()).toBe(1);
    await page.getByRole('button', { name, exact: true }).click();
    await page.locator('.strip').getByText('60 videos moved to Removed').waitFor();
    await panel(page).waitFor({ state: 'detached' });
    const calls = sent.filter((each) => each.name === 'DeleteVideos').map(({ options }) => options);
    expect(calls).toHaveLength(4);
    expect(new Set(calls.map((options) => JSON.stringify(options))).size).toBe(1);
    expect(app.writes().toSorted()).toEqual(ids.map((id) => `DELETE ${id}`).toSorted());
  },
);
