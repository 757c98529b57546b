import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

/** Where Chromium is, first to last. */
const PATHS = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

// WebGL is drawn by SwiftShader; nothing is fetched that the page did not ask for.
const ARGS = ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--enable-unsafe-swiftshader'];

/** The path of this machine's browser. Where it is missing, CI fails, and elsewhere this is told and tests are skipped. */
export function requireBrowser(): string | undefined {
  const path = PATHS.find((candidate) => existsSync(candidate));
  if (path !== undefined) return path;
  const missing = `no Chromium is in ${PATHS.join(', ')}. On Debian: apt-get install --no-install-recommends chromium`;
  if (process.env['CI'] === 'true') throw new Error(`CI must run every test, but ${missing}`);
  console.warn(`\nSKIPPED: every test of the page, because ${missing}\n`);
  return undefined;
}

/** Starts the browser without a window. */
export function openBrowser(executablePath: string): Promise<Browser> {
  return chromium.launch({ executablePath, args: ARGS });
}
