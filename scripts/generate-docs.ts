// Writes the reference pages that are made from the code: settings, command line, metrics.
import { writeFileSync } from 'node:fs';
import { cliPage, configurationPage, metricsPage } from './reference-pages.ts';

const docs = new URL('../docs/', import.meta.url);
writeFileSync(new URL('configuration.md', docs), configurationPage());
writeFileSync(new URL('cli.md', docs), cliPage());
writeFileSync(new URL('metrics.md', docs), await metricsPage());
