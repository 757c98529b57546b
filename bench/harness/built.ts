import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Compiles src/ to dist/, so that what is measured is what is in the sources. */
export function build(): void {
  const script = fileURLToPath(new URL('../../scripts/build.mjs', import.meta.url));
  execFileSync(process.execPath, [script], { stdio: ['ignore', 2, 2] });
}

/** A module of src/ as it ships, compiled to dist/: what tsx makes of the sources runs slower. */
export function built<T>(path: string): Promise<T> {
  return import(new URL(`../../dist/${path.replace(/\.ts$/, '.js')}`, import.meta.url).href) as Promise<T>;
}
