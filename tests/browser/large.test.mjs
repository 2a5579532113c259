// A hundred thousand events: what has to work, not how fast. Times out only where it hangs.

import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { open, skip, urlOf, visible } from './browser.mjs';

test('a large page opens, unfolds, searches and scrolls', { skip, timeout: 60_000 }, async () => {
  assert.ok(statSync(fileURLToPath(urlOf('large'))).size < 10_000_000);
  const { page, problems, close } = await open('large');
  await page.fill('#find', 'header_4321_7');
  await page.press('#find', 'Enter');
  assert.equal(await page.locator('#count').textContent(), '1 of 1');
  assert.deepEqual((await visible(page, '.hit code')).length, 1);
  assert.equal(await page.locator('.hit').isVisible(), true);
  await page.press('#find', 'Escape');
  await page.fill('#find', 'e');
  await page.press('#find', 'Enter');
  assert.match(await page.locator('#count').textContent(), /^1 of \d{5}$/, 'nearly every row');
  await page.press('#find', 'Escape');
  await page.click('#unfold');
  await page.locator('footer').scrollIntoViewIfNeeded();
  assert.equal(await page.locator('footer').isVisible(), true);
  assert.deepEqual(problems, []);
  await close();
});
