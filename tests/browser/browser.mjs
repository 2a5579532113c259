// Opens pages in Chromium, offline, and notes everything that should not happen there.

import { after } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import axe from 'axe-core';
import { installed, launch } from './chromium.mjs';

/** For `test(name, { skip }, …)`: why there can be no test, or false. */
export const skip = !installed && 'no Chromium; scripts/setup browser installs it';

let browser;
after(() => browser?.close());

/** Where a sample stands: `attack`, `findings`, `hostile`, `intrusion`, `large`. */
export function urlOf(sample) {
  return pathToFileURL(fileURLToPath(new URL(`samples/${sample}.html`, import.meta.url))).href;
}

/**
 * Opens a sample in a window of its own. `problems` lists what should not have happened: dialogs,
 * errors, violations of the policy, and requests for anything but the file.
 */
export async function open(sample, { fragment = '', ...options } = {}) {
  browser ??= await launch();
  const context = await browser.newContext({
    viewport: { width: 1280, height: 800 },
    ...options,
  });
  const page = await context.newPage();
  const problems = [];
  const url = urlOf(sample);
  page.on('dialog', (dialog) => {
    problems.push(`dialog: ${dialog.message()}`);
    return dialog.dismiss();
  });
  page.on('pageerror', (error) => problems.push(`error: ${error}`));
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) problems.push(`console: ${message.text()}`);
  });
  page.on('request', (request) => {
    if (request.url().split('#')[0] !== url) problems.push(`request: ${request.url()}`);
  });
  context.on('page', (other) => problems.push(`window: ${other.url()}`));
  await page.addInitScript(() => {
    addEventListener('securitypolicyviolation', (event) =>
      console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`));
  });
  await page.goto(url + fragment);
  return { page, problems, close: () => context.close() };
}

/** The texts of what can be seen of a selector. */
export function visible(page, selector) {
  return page.$$eval(selector, (elements) => elements
    .filter((element) => element.checkVisibility({ contentVisibilityAuto: false }))
    .map((element) => element.textContent));
}

/** What has the keyboard: its tag, its id or that of the row that it is in. */
export function focused(page) {
  return page.evaluate(() => {
    const element = document.activeElement;
    return { tag: element.localName, id: element.id || element.closest('li')?.id || '' };
  });
}

const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** What axe-core holds against a page. */
export async function violations(page) {
  await page.evaluate(axe.source);
  const { violations: found } = await page.evaluate((values) =>
    window.axe.run(document, { runOnly: { type: 'tag', values } }), RULES);
  return found.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).slice(0, 3).join(' | ')}`);
}
