// Compiles src/ to dist/, copies what the code reads beside itself, and bundles the page in web/ to dist/web.
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
rmSync(`${root}dist`, { recursive: true, force: true });
const compiler = `${root}node_modules/typescript/bin/tsc`;
const result = spawnSync(process.execPath, [compiler, '-p', 'tsconfig.build.json'], { cwd: root, stdio: 'inherit' });
if (result.status !== 0) process.exit(result.status ?? 1);
cpSync(`${root}src/api/schema.graphql`, `${root}dist/api/schema.graphql`);
chmodSync(`${root}dist/cli.js`, 0o755);

const page = spawnSync(
  process.execPath,
  [`${root}node_modules/vite/bin/vite.js`, 'build', 'web', '--logLevel', 'warn'],
  {
    cwd: root,
    stdio: 'inherit',
  },
);
if (page.status !== 0) process.exit(page.status ?? 1);
