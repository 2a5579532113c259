// The page of findings: what it shows, what it can be asked, and that nothing in it takes effect.

import assert from 'node:assert/strict';
import test from 'node:test';
import { focused, open, skip, violations, visible } from './browser.mjs';

const ALL = 15;
const rows = (page) => page.locator('#findings tbody tr:visible').count();

test('findings are found by words, severity and whether there is a fix', { skip }, async () => {
  const { page, problems, close } = await open('findings');
  assert.equal(await rows(page), ALL);
  assert.equal(await page.locator('#shown').textContent(), `${ALL} of ${ALL}`);
  await page.fill('#find', 'left-pad-1 wrong');
  assert.equal(await rows(page), 5, 'left-pad-1, and 10 to 13');
  await page.fill('#find', 'CVE-2026-1003');
  assert.equal(await rows(page), 1, 'by another name');
  await page.fill('#find', '');
  await page.check('#fixable');
  assert.equal(await rows(page), 10);
  await page.uncheck('input[value="critical"]');
  assert.equal(await rows(page), 5);
  assert.equal(await page.locator('#shown').textContent(), `5 of ${ALL}`);
  assert.deepEqual(problems, []);
  await close();
});

test('what is known to be exploited is counted, marked and asked for', { skip }, async () => {
  const { page, close } = await open('findings');
  assert.equal(await page.locator('ul.levels .kev').textContent(), '2 known to be exploited');
  assert.equal(await page.locator('#findings span.kev').count(), 2);
  await page.check('#exploited');
  assert.equal(await rows(page), 2);
  assert.equal(await page.locator('#shown').textContent(), `2 of ${ALL}`);
  await close();
});

test('where nothing is like that, that is said, and all can be shown again', { skip }, async () => {
  const { page, close } = await open('findings');
  assert.equal(await page.locator('#none').isVisible(), false);
  await page.fill('#find', 'nothing is called so');
  await page.check('#fixable');
  await page.uncheck('input[value="critical"]');
  assert.equal(await page.locator('#findings').isVisible(), false);
  assert.match(await page.locator('#none').textContent(), /^No finding is like that\. /);
  await page.locator('#clear').press('Enter');
  assert.equal(await rows(page), ALL);
  assert.equal(await page.inputValue('#find'), '');
  assert.deepEqual(await focused(page), { tag: 'input', id: 'find' });
  assert.equal(await page.locator('#none').isVisible(), false);
  await close();
});

test('what is exploited comes first, then the worst, and details unfold by the keyboard', { skip }, async () => {
  const { page, close } = await open('findings');
  const order = ['critical', 'high', 'medium', 'low'];
  for (const [which, least] of [['[data-kev]', 2], [':not([data-kev])', 10]]) {
    const levels = await visible(page, `#findings tbody tr${which} .badge`);
    assert.ok(levels.length >= least, which);
    assert.deepEqual(levels, levels.toSorted((a, b) => order.indexOf(a) - order.indexOf(b)));
  }
  assert.notEqual(await page.locator('#findings tbody tr').first().getAttribute('data-kev'), null);
  const first = page.locator('#findings tbody details').first();
  await first.locator('summary').focus();
  await page.keyboard.press('Enter');
  assert.equal(await first.evaluate((element) => element.open), true);
  assert.match(await first.textContent(), /CVE-2026-1\d{3}/);
  await close();
});

test('what to upgrade first fits a screen, and the rest is there', { skip }, async () => {
  const { page, close } = await open('findings', { javaScriptEnabled: false });
  const upgrades = page.locator('table.first tbody tr');
  assert.equal(await upgrades.count(), 10);
  assert.equal(await rows(page), ALL, 'without its script, too');
  assert.equal(await page.locator('#controls').isVisible(), false);
  await close();
});

test('hostile advisories and packages do nothing', { skip }, async () => {
  const { page, problems, close } = await open('findings');
  for (const details of await page.$$('details')) {
    await details.evaluate((element) => { element.open = true; });
  }
  assert.equal(await page.locator('img, iframe, object, embed, link, base, form').count(), 0);
  assert.equal(await page.locator('script').count(), 1);
  assert.equal(await page.locator('style').count(), 1);
  assert.match(await page.locator('h1').textContent(), /<script>alert\(1\)<\/script>/);
  const links = await page.$$eval('a', (all) => all.map((link) => link.protocol));
  assert.ok(links.length > 0 && links.every((protocol) => protocol === 'https:'), `${links}`);
  const text = await page.evaluate(() => document.body.textContent);
  assert.doesNotMatch(text, /[\u0000-\u0008\u000b-\u001f\u202a-\u202e\u2066-\u2069]/);
  assert.deepEqual(problems, []);
  await close();
});

for (const colorScheme of ['light', 'dark']) {
  test(`axe finds nothing in findings, ${colorScheme}`, { skip }, async () => {
    const { page, close } = await open('findings', { colorScheme });
    assert.deepEqual(await violations(page), []);
    await page.locator('#findings tbody summary').first().click();
    assert.deepEqual(await violations(page), [], 'unfolded');
    await close();
  });
}

test('360 pixels are enough for findings', { skip }, async () => {
  const { page, close } = await open('findings', { viewport: { width: 360, height: 640 } });
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 360);
  const label = (at) => page.evaluate((column) => {
    const cell = document.querySelector(`#findings tbody td:nth-child(${column})`);
    return getComputedStyle(cell, '::before').content;
  }, at);
  assert.deepEqual(
    await Promise.all([1, 2, 3, 4, 5].map(label)),
    ['none', 'none', '"package "', '"installed "', '"fixed in "'],
    'what stands below each other says what it is',
  );
  await close();
});
