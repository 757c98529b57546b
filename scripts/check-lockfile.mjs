// Fails when the lockfile lacks a platform's binary (npm ci would fail there) or records a download address.
import { readFileSync } from 'node:fs';
import { root } from './setup.mjs';

const { packages } = JSON.parse(readFileSync(`${root}package-lock.json`, 'utf8'));
const problems = [];
for (const [path, entry] of Object.entries(packages)) {
  if (entry.resolved) problems.push(`${path} records the address it came from`);
  for (const name of Object.keys(entry.optionalDependencies ?? {})) {
    const nested = `${path}/node_modules/${name}`;
    if (!packages[`node_modules/${name}`] && !packages[nested]) problems.push(`${path} lacks its optional ${name}`);
  }
}
for (const problem of problems) process.stderr.write(`package-lock.json: ${problem}\n`);
process.exit(problems.length === 0 ? 0 : 1);
