// What a recorded host or a rule chose does nothing in the page.

import assert from 'node:assert/strict';
import test from 'node:test';
import { open, skip } from './browser.mjs';

/** Does everything that the page offers. */
async function useAll(page) {
  await page.click('#unfold');
  for (const details of await page.$$('details')) {
    await details.evaluate((element) => { element.open = true; });
  }
  for (const label of await page.$$('.bar label:has(input:not([type="search"]))')) await label.click();
  await page.hover('.cursor');
  await page.click('.cursor');
  await page.fill('#find', 'script');
  await page.press('#find', 'Enter');
  await page.press('#find', 'Escape');
  await page.click('#theme');
}

for (const sample of ['hostile', 'attack', 'intrusion']) {
  test(`nothing runs, is asked for or is refused: ${sample}`, { skip }, async () => {
    const { page, problems, close } = await open(sample);
    await useAll(page);
    assert.deepEqual(problems, []);
    await close();
  });
}

test('hostile text makes no elements, and is there to be read', { skip }, async () => {
  const { page, close } = await open('hostile');
  assert.equal(await page.locator('img, iframe, object, embed, link, base, form').count(), 0);
  assert.equal(await page.locator('script').count(), 1);
  assert.equal(await page.locator('style').count(), 1);
  const title = await page.locator('h1').textContent();
  assert.match(title, /<script>alert\(1\)<\/script>"'><img src=x onerror=alert\(1\)>\\u\{202e\}txt/);
  assert.match(await page.title(), /<\/title><script>alert\(1\)/);
  const text = await page.evaluate(() => document.body.textContent);
  assert.doesNotMatch(text, /[\u0000-\u0008\u000b-\u001f\u202a-\u202e\u2066-\u2069]/);
  await close();
});

test('the policy lets nothing else take effect', { skip }, async () => {
  const { page, problems, close } = await open('attack');
  await page.evaluate(() => {
    const script = document.createElement('script');
    try { script.textContent = 'window.ran = true'; } catch { /* text is no script */ }
    document.body.append(script);
    const image = new Image();
    image.src = 'data:image/gif;base64,R0lGODlhAQABAAAAACw=';
    document.body.append(image);
    try { document.body.insertAdjacentHTML('beforeend', '<b onclick="0">x</b>'); } catch { /* too */ }
    document.body.setAttribute('style', 'display: none');
  });
  await page.waitForFunction(() => true);
  assert.equal(await page.evaluate(() => 'ran' in window), false);
  assert.equal(await page.locator('body').isVisible(), true, 'no style of another kind');
  const policies = problems.filter((problem) => problem.startsWith('console: policy'));
  for (const directive of ['trusted-types', 'img-src', 'style-src']) {
    assert.ok(policies.some((policy) => policy.includes(directive)), `${directive}: ${problems}`);
  }
  await close();
});
