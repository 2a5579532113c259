// A person reads an incident: by keyboard alone, from the summary to what happened.

import assert from 'node:assert/strict';
import test from 'node:test';
import { focused, open, skip, visible } from './browser.mjs';

const ROWS = '.k li.p > .row > code, .k li.p > details > .row > code';

test('search works by keyboard: it filters, unfolds, walks, and clears', { skip }, async () => {
  const { page, close } = await open('attack');
  const before = await visible(page, ROWS);
  const folds = await page.locator('details[open]').count();
  await page.keyboard.press('/');
  assert.deepEqual(await focused(page), { tag: 'input', id: 'find' });
  await page.keyboard.type('SHADOW');
  await page.waitForSelector('.hit');
  const count = await page.locator('#count').textContent();
  assert.match(count, /^\d+ hits?$/);
  assert.ok((await visible(page, ROWS)).length < before.length, 'rows without a hit go');
  assert.ok((await visible(page, ROWS)).some((row) => row.includes('cat /etc/shadow')));

  const hits = Number(count.split(' ')[0]);
  await page.keyboard.press('Enter');
  assert.equal(await page.locator('#count').textContent(), `1 of ${hits}`);
  await page.keyboard.press('Shift+Enter');
  assert.equal(await page.locator('#count').textContent(), `${hits} of ${hits}`);
  assert.equal(await page.locator('.now').count(), 1);
  assert.equal(await page.locator('.now').isVisible(), true);

  await page.keyboard.press('Escape');
  assert.equal(await page.inputValue('#find'), '');
  assert.equal(await page.locator('#count').textContent(), '');
  assert.deepEqual(await visible(page, ROWS), before, 'everything is there again');
  assert.ok(await page.locator('details[open]').count() >= folds);
  assert.notEqual((await focused(page)).tag, 'input', 'the keyboard goes on where the search led');
  await close();
});

test('with nothing searched for, the alerts are walked through', { skip }, async () => {
  const { page, close } = await open('attack');
  await page.keyboard.press('/');
  for (const [key, want] of [['Enter', 'a1'], ['Enter', 'a2'], ['Shift+Enter', 'a1'], ['Shift+Enter', 'a4']]) {
    await page.keyboard.press(key);
    assert.equal(await page.locator('.now').getAttribute('id'), want);
    assert.equal(await page.locator('#count').textContent(), `alert ${want.slice(1)} of 4`);
  }
  await page.keyboard.press('Escape');
  assert.deepEqual(await focused(page), { tag: 'li', id: 'a4' });
  await close();
});

test('a search finds what is folded, and folds it again', { skip }, async () => {
  const { page, close } = await open('attack');
  assert.deepEqual(await visible(page, '.session.by .row'), []);
  await page.fill('#find', 'cron -f');
  await page.waitForSelector('.hit');
  assert.equal((await visible(page, '.session.by .row code')).length, 1);
  await page.fill('#find', 'nobody ran this');
  await page.waitForFunction(() => document.getElementById('count').textContent === 'no hits');
  assert.deepEqual(await visible(page, '.k li'), []);
  await page.fill('#find', '');
  await page.waitForFunction(() => !document.querySelector('.filtered'));
  assert.deepEqual(await visible(page, '.session.by .row'), []);
  await close();
});

test('folding works by keyboard, row by row and all at once', { skip }, async () => {
  const { page, close } = await open('attack');
  const summary = page.locator('.session > summary').first();
  await summary.focus();
  await page.keyboard.press('Enter');
  assert.equal(await page.locator('.session').first().getAttribute('open'), null);
  await page.keyboard.press('Space');
  assert.equal(await page.locator('.session').first().getAttribute('open'), '');
  await page.locator('#fold').press('Enter');
  assert.equal(await page.locator('#story details[open]').count(), 0);
  await page.locator('#unfold').press('Enter');
  assert.equal(await page.locator('#story details:not([open]):not(.output)').count(), 0);
  await close();
});

test('every link leads to what it names, unfolded, with the keyboard there', { skip }, async () => {
  const { page, problems, close } = await open('attack');
  const links = await page.$$eval('main a[href^="#"]', (all) => all.map((link) => link.hash));
  assert.ok(links.length > 8, `${links.length} links`);
  for (const hash of new Set(links)) {
    await page.locator('#fold').click();
    await page.evaluate((to) => { location.hash = to; }, hash);
    const target = page.locator(`[id="${hash.slice(1)}"]`);
    await page.waitForFunction((id) => document.activeElement.closest('[id]')?.id === id, hash.slice(1));
    assert.equal(await target.isVisible(), true, hash);
  }
  assert.deepEqual(problems, []);
  await close();
});

test('a link from outside opens what is folded', { skip }, async () => {
  const { page, close } = await open('attack', { fragment: '#p701-0' });
  assert.equal(await page.locator('#p701-0').isVisible(), true);
  assert.deepEqual(await focused(page), { tag: 'li', id: 'p701-0' });
  await close();
});

test('kinds can be hidden', { skip }, async () => {
  const { page, close } = await open('attack');
  for (const [kind, selector] of [['f', '.f'], ['n', '.n'], ['v', '.v'], ['a', '.k .a']]) {
    assert.notDeepEqual(await visible(page, selector), [], kind);
    await page.locator(`[data-kind="${kind}"] input`).press('Space');
    assert.deepEqual(await visible(page, selector), [], kind);
    await page.locator(`[data-kind="${kind}"] input`).press('Space');
  }
  const all = await visible(page, ROWS);
  await page.locator('[data-kind="p"] input').press('Space');
  const some = await visible(page, ROWS);
  assert.ok(some.length < all.length, 'commands that did nothing else go');
  assert.ok(some.some((row) => row.includes('curl')), 'what others stand in stays');
  assert.deepEqual(await visible(page, '.r'), [], 'routine files are not shown at first');
  await page.locator('[data-kind="r"] input').press('Space');
  assert.notDeepEqual(await visible(page, '.r'), []);
  await close();
});

test('times are shown relative, in UTC or in local time', { skip }, async () => {
  const { page, close } = await open('attack', { timezoneId: 'Asia/Kolkata' });
  const first = page.locator('#a2 > i');
  assert.equal(await first.textContent(), '3.336');
  await page.locator('input[value="utc"]').check();
  assert.equal(await first.textContent(), '02:12:10.336');
  await page.locator('input[value="local"]').check();
  assert.equal(await first.textContent(), '07:42:10.336');
  await page.locator('input[value="relative"]').check();
  assert.equal(await first.textContent(), '3.336');
  await close();
});

test('the strip tells what happened when, and leads there', { skip }, async () => {
  const { page, close } = await open('attack');
  const cursor = page.locator('.cursor');
  await cursor.focus();
  const before = await cursor.getAttribute('aria-valuetext');
  assert.match(before, /^0\.\d\d s \(02:12:07\.\d UTC\): .*files/);
  await page.keyboard.press('ArrowRight');
  assert.notEqual(await cursor.getAttribute('aria-valuetext'), before);
  assert.equal(await page.locator('#moment').textContent(), await cursor.getAttribute('aria-valuetext'));
  await page.keyboard.press('End');
  await page.keyboard.press('Home');
  assert.equal(await cursor.getAttribute('aria-valuenow'), '0');
  const box = await cursor.boundingBox();
  await page.mouse.click(box.x + box.width * (31.2 + 3.4) / 62, box.y + 20);
  assert.equal(await page.evaluate(() => location.hash), '#a2');
  assert.equal(await page.locator('#a2').isVisible(), true);
  await close();
});

test('without its script the page is a document that folds', { skip }, async () => {
  const { page, close } = await open('attack', { javaScriptEnabled: false });
  assert.equal(await page.locator('.bar').isVisible(), false);
  assert.equal(await page.locator('#p1204-40000').isVisible(), true);
  const background = page.locator('.session.by').last();
  await background.locator('> summary').click();
  assert.equal(await background.locator('.row').first().isVisible(), true);
  await close();
});
