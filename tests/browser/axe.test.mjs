// The page for those who do not see it, or see it badly: what axe-core can tell.

import assert from 'node:assert/strict';
import test from 'node:test';
import { open, skip, violations } from './browser.mjs';

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
