// What keeps people out of a page: the findings of axe, and an empty page, of which axe finds nothing wrong.
import axe from 'axe-core';
import type { Page } from 'playwright-core';
import * as z from 'zod';

const FINDINGS = z.array(
  z.object({
    id: z.string(),
    impact: z.string().nullish(),
    help: z.string(),
    nodes: z.array(z.object({ target: z.array(z.unknown()), failureSummary: z.string().optional() })),
  }),
);

/** All rules but the experimental ones. Frames of other origins are not looked into. */
const RUN = `axe.run(document, { iframes: false }).then(({ violations }) => JSON.parse(JSON.stringify(violations)))`;

/** One line for each element with a barrier: the rule, the element, what is wrong. */
export async function findBarriers(page: Page): Promise<string[]> {
  // The developer tools may evaluate what the page's policy would refuse, as text and as a script.
  const tools = await page.context().newCDPSession(page);
  try {
    await tools.send('Runtime.evaluate', { expression: `${axe.source}; 0` });
    const { result, exceptionDetails } = await tools.send('Runtime.evaluate', {
      expression: RUN,
      awaitPromise: true,
      returnByValue: true,
    });
    if (exceptionDetails) throw new Error(`axe failed: ${exceptionDetails.exception?.description}`);
    return FINDINGS.parse(result.value).flatMap(({ id, impact, help, nodes }) =>
      nodes.map(({ target, failureSummary }) => {
        const summary = (failureSummary ?? help).replace(/\s+/g, ' ');
        return `${id} (${impact}) at ${target.flat(2).join(' ')}: ${summary}`;
      }),
    );
  } finally {
    await tools.detach();
  }
}

/** What a state has to show at least one of. The bar above the list is always there, and says nothing of the state. */
const CONTENT =
  'main [role=row], main p, main h2, main :is([role=alert], .placeholders), :is([role=dialog], [role=alertdialog]) button, [role=menuitem]';

/** In sight: drawn, of some size, within the window, and not covered. */
const FIND_VISIBLE = `[...document.querySelectorAll(${JSON.stringify(CONTENT)})].filter((element) => {
  if (!element.checkVisibility({ opacityProperty: true, visibilityProperty: true })) return false;
  const { left, right, top, bottom } = element.getBoundingClientRect();
  const [x, y] = [Math.max(left, 0), Math.max(top, 0)];
  const [width, height] = [Math.min(right, innerWidth) - x, Math.min(bottom, innerHeight) - y];
  if (width < 8 || height < 8) return false;
  const hit = document.elementFromPoint(x + width / 2, y + height / 2);
  return hit !== null && element.contains(hit);
}).map((element) => (element.innerText || element.getAttribute('aria-label') || '').trim()).filter((text) => text !== '')`;

/** The text of each row, sentence, heading and button of a dialog that can be seen now. */
export async function readVisible(page: Page): Promise<string[]> {
  return z.array(z.string()).parse(await page.evaluate(FIND_VISIBLE));
}

/** @throws if the page shows nobody anything. */
export async function assertVisible(page: Page): Promise<void> {
  const visible = await readVisible(page);
  if (visible.length === 0)
    throw new Error(`Nothing can be seen at ${page.url()}: no row, sentence or dialog.`);
}
