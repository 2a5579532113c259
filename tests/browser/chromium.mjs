// Debian's Chromium, started so that it asks nothing of anybody.

import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';

const PATH = '/usr/bin/chromium';

/** Whether it is installed. */
export const installed = existsSync(PATH);

/** Starts it. */
export function launch() {
  return chromium.launch({
    executablePath: PATH,
    args: [
      '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
      '--disable-background-networking', '--disable-component-update', '--disable-sync',
    ],
  });
}
