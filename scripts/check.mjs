// npm run check: format, lint with the import rules, types, dead exports, lockfile. Every check runs; any failure fails.
import { spawnSync } from 'node:child_process';
import { root } from './setup.mjs';

const checks = [
  ['format', 'biome', ['check', '--error-on-warnings']],
  ['lint and import rules', 'oxlint', ['--deny-warnings', '--type-aware']],
  ['types', 'tsc', ['-p', 'tsconfig.json']],
  ['types of the page', 'tsc', ['-p', 'web/tsconfig.json']],
  ['dead exports', 'knip', []],
  ['lockfile', 'node', ['scripts/check-lockfile.mjs']],
];

let failed = 0;
for (const [name, command, args] of checks) {
  const program = command === 'node' ? process.execPath : `${root}node_modules/.bin/${command}`;
  const { status } = spawnSync(program, args, { cwd: root, stdio: 'inherit' });
  process.stderr.write(`${status === 0 ? 'ok' : 'FAILED'}: ${name}\n`);
  if (status !== 0) failed++;
}
process.exit(failed === 0 ? 0 : 1);
