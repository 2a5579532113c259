// The page for those who do not see it, or see it badly: what axe-core can tell.

import assert from 'node:assert/strict';
import test from 'node:test';
import axe from 'axe-core';
import { open, skip } from './browser.mjs';

const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

async function violations(page) {
  await page.evaluate(axe.source);
  const { violations: found } = await page.evaluate((values) =>
    window.axe.run(document, { runOnly: { type: 'tag', values } }), RULES);
  return found.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).slice(0, 3).join(' | ')}`);
}

async function unfoldAndSearch(page) {
  await page.click('#unfold');
  await page.locator('[data-kind="r"] input').check();
  await page.fill('#find', 'sh');
  await page.press('#find', 'Enter');
}

for (const colorScheme of ['light', 'dark']) {
  for (const sample of ['attack', 'intrusion', 'hostile']) {
    test(`axe finds nothing: ${sample}, ${colorScheme}`, { skip }, async () => {
      const { page, close } = await open(sample, { colorScheme });
      assert.deepEqual(await violations(page), []);
      if (sample !== 'intrusion') {
        await unfoldAndSearch(page);
        assert.deepEqual(await violations(page), [], 'unfolded, while searching');
      }
      await close();
    });
  }
}
