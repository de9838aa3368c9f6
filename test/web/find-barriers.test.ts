// That barriers and empty pages are found in the web app.
import { describe, test } from 'vitest';
import { createVideo } from '../../src/sandbox/server.ts';
import { createVideos } from '../support/create-videos.ts';
import { assertVisible, findBarriers, openWebApp, readVisible, useBrowser } from '../support/web-app.ts';

const browser = useBrowser();

describe('axe', () => {
  test('finds a planted barrier, and a rule of best practice', async ({ expect }) => {
    await using app = await openWebApp(browser(), { videos: [createVideo()] });
    await app.page.getByRole('row').first().waitFor();
    await app.page.evaluate(`{
      const button = document.createElement('button');
      button.id = 'planted';
      const heading = document.createElement('h6');
      heading.textContent = 'Too deep';
      document.querySelector('main').append(button, heading);
    }`);

    const found = await findBarriers(app.page);

    expect(found).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^button-name \(critical\) at #planted: Fix any of the following: /),
        expect.stringMatching(/^heading-order \(moderate\) at h6: /),
      ]),
    );
  });

  test('finds nothing in a page without barriers, twice', async ({ expect }) => {
    await using app = await openWebApp(browser());
    await app.page.evaluate(`{
      const main = document.createElement('main');
      main.append(Object.assign(document.createElement('h1'), { textContent: 'Fine' }));
      document.body.replaceChildren(main);
    }`);

    expect(await findBarriers(app.page)).toEqual([]);
    expect(await findBarriers(app.page)).toEqual([]);
  });
});

describe('what can be seen', () => {
  test('is the rows', async ({ expect }) => {
    const { videos } = createVideos(2);
    await using app = await openWebApp(browser(), { videos });
    await app.page.getByRole('row').first().waitFor();

    const visible = await readVisible(app.page);

    for (const { title } of videos) expect(visible.join('\n')).toContain(title);
    await assertVisible(app.page);
  });

  test.for([
    [
      'covered',
      `document.body.append(Object.assign(document.createElement('div'), { id: 'cover' }));
      Object.assign(document.getElementById('cover').style, { position: 'fixed', inset: 0, zIndex: 9999, background: '#fff' })`,
    ],
    ['transparent', `document.querySelector('main').style.opacity = 0`],
    ['hidden', `document.querySelector('main').style.visibility = 'hidden'`],
    ['out of the window', `document.querySelector('main').style.transform = 'translateX(3000px)'`],
    ['of no size', `Object.assign(document.querySelector('main').style, { height: 0, overflow: 'hidden' })`],
  ])('is nothing where the page is %s', async ([, script], { expect }) => {
    await using app = await openWebApp(browser(), { videos: [createVideo()] });
    await app.page.getByRole('row').first().waitFor();
    await app.page.evaluate(`${script}; 0`);

    await expect(assertVisible(app.page)).rejects.toThrow(/Nothing can be seen/);
  });
});
