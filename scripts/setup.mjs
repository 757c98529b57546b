// What `npm start` and `npm test` do before anything else, so that a fresh clone needs no other command.
import { spawnSync } from 'node:child_process';
import { existsSync, lstatSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));

/** Checks the Node version, installs dependencies when the lockfile is not the installed one, builds when dist is stale. */
export function setUp() {
  requireNode(20, 19);
  installDependencies();
  build();
}

function requireNode(major, minor) {
  const [haveMajor, haveMinor] = process.versions.node.split('.').map(Number);
  if (haveMajor > major || (haveMajor === major && haveMinor >= minor)) return;
  fail(`Grapevine needs Node ${major}.${minor} or newer; this is Node ${process.versions.node}.`);
}

function installDependencies() {
  // npm writes its own copy of the lockfile when it has installed everything.
  const installed = join(root, 'node_modules', '.package-lock.json');
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(join(root, 'package-lock.json')).mtimeMs) return;
  if (isLink(join(root, 'node_modules'))) {
    // npm would empty the folder that it leads to.
    fail('node_modules is a link and does not fit package-lock.json: run npm ci where it leads to, or remove it');
  }
  say('installing dependencies (once, about half a minute)');
  run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], 'installing dependencies', {
    ONNXRUNTIME_NODE_INSTALL: 'skip',
  });
}

function isLink(path) {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true;
}

function build() {
  const built = join(root, 'dist', 'cli.js');
  if (existsSync(built) && statSync(built).mtimeMs > newest('src', 'web')) return;
  say('building');
  run(process.execPath, [join(root, 'scripts', 'build.mjs')], 'building');
}

function newest(...folders) {
  const times = folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true }).map((name) => statSync(join(root, folder, name)).mtimeMs),
  );
  return Math.max(...times, statSync(join(root, 'package-lock.json')).mtimeMs);
}

/** Runs a command in the project's root with its output on stderr and ends the process when it fails. */
export function run(command, args, doing, env = {}) {
  const result = spawnSync(command, args, {
    cwd: root,
    stdio: ['ignore', 2, 2],
    env: { ...process.env, ...env },
    shell: process.platform === 'win32' && command === 'npm',
  });
  if (result.status !== 0)
    fail(`${doing} failed: ${command} ended with ${result.status ?? result.signal ?? result.error}`);
}

/** One line of progress on stderr. */
export function say(line) {
  process.stderr.write(`grapevine: ${line}\n`);
}

function fail(line) {
  say(line);
  process.exit(1);
}
