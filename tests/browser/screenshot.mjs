// Takes a picture of a page for the README, from its top or from an element on:
// node screenshot.mjs PAGE PNG [light|dark [ID]]

import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { launch } from './chromium.mjs';

const [page, png, colorScheme = 'light', id] = process.argv.slice(2);
const browser = await launch();
const tab = await browser.newPage({ viewport: { width: 1280, height: 1000 }, colorScheme });
await tab.goto(pathToFileURL(resolve(page)).href);
if (id) await tab.locator(`[id="${id}"]`).evaluate((element) => element.scrollIntoView());
await tab.screenshot({ path: png });
await browser.close();
