// npm start: everything a fresh clone needs, then `grapevine demo` with the arguments given.
import { pathToFileURL } from 'node:url';
import { root, setUp } from './setup.mjs';

setUp();
process.argv = [process.argv[0], `${root}dist/cli.js`, 'demo', ...process.argv.slice(2)];
await import(pathToFileURL(`${root}dist/cli.js`).href);
