// The page on screens of any kind, and on paper.

import assert from 'node:assert/strict';
import test from 'node:test';
import { open, skip, visible } from './browser.mjs';

test('the theme can be chosen against the system', { skip }, async () => {
  const { page, close } = await open('attack', { colorScheme: 'light' });
  const ground = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
  const light = await ground();
  await page.click('#theme');
  assert.equal(await ground(), light);
  await page.click('#theme');
  assert.notEqual(await ground(), light, 'dark');
  await page.emulateMedia({ media: 'print' });
  assert.equal(await ground(), light, 'paper is light');
  await page.emulateMedia({ media: 'screen', colorScheme: 'dark' });
  await page.click('#theme');
  assert.notEqual(await ground(), light, 'as the system');
  await close();
});

for (const sample of ['attack', 'intrusion', 'hostile']) {
  test(`360 pixels are enough: ${sample}`, { skip }, async () => {
    const { page, close } = await open(sample, { viewport: { width: 360, height: 640 } });
    const widest = () => page.evaluate(() => document.documentElement.scrollWidth);
    assert.equal(await widest(), 360);
    await page.click('#unfold');
    await page.locator('[data-kind="r"] input').check();
    await page.locator('input[value="utc"]').check();
    assert.equal(await widest(), 360, 'unfolded, with times of day');
    await close();
  });
}

test('paper has what matters, and no controls', { skip }, async () => {
  const { page, close } = await open('attack');
  await page.click('#fold');
  await page.emulateMedia({ media: 'print' });
  await page.evaluate(() => dispatchEvent(new Event('beforeprint')));
  for (const gone of ['.bar', '.cursor', '.skip']) {
    assert.deepEqual(await visible(page, gone), [], gone);
  }
  const rows = await visible(page, '.row code');
  assert.ok(rows.some((row) => row.startsWith('cat /etc/shadow')), 'what matters is unfolded');
  assert.ok(!rows.some((row) => row.includes('cron')), 'what ran at the same time is not');
  await page.evaluate(() => dispatchEvent(new Event('afterprint')));
  assert.equal(await page.locator('#story details[open]').count(), 0, 'folded as before');
  const pdf = await page.pdf({ preferCSSPageSize: true });
  assert.ok(pdf.length > 10_000);
  await close();
});
