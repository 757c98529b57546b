// npm run behaviour [-- --bundle DIR] [--failures] [--write]: what a bundle finds in posts of our own, against what a person
// finds, with the command line that `npm run build` made. --failures lists what went wrong, --write records the figures
// that the test holds later bundles to.

import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { BEHAVIOUR, type BehaviourCase, passTable, readCases } from '../test/helpers/behaviour.ts';
import { runBehaviour, toRecord } from '../test/helpers/run-behaviour.ts';

const { values } = parseArgs({
  options: {
    bundle: { type: 'string' },
    failures: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
  },
});
const cases = readCases();
const record = toRecord(await runBehaviour(cases, values.bundle));
process.stdout.write(`${record.bundle}, generation ${record.generation}\n${passTable(record.rates).join('\n')}\n`);
if (values.failures) process.stdout.write(record.wrong.map(describe).join(''));
if (values.write) writeFileSync(`${BEHAVIOUR}/recorded.json`, `${JSON.stringify(record, null, 2)}\n`);

function describe({ id, mentions, relations }: (typeof record.wrong)[number]): string {
  const { text, ...expected } = cases.find((one) => one.id === id) as BehaviourCase;
  const wanted = expected.mentions.map((one) => `${one.type} ${one.text}${one.optional ? '?' : ''}`);
  const links = expected.relations.map(({ type, head, tail, optional }) => {
    const name = (mention: number) => expected.mentions[mention]?.text;
    return `${name(head)} ${type} ${name(tail)}${optional ? '?' : ''}`;
  });
  const list = (items: readonly string[]) => (items.length > 0 ? items.join('; ') : 'nothing');
  return `\n${id}: ${text}\n  found    ${list(mentions)} | ${list(relations)}\n  expected ${list(wanted)} | ${list(links)}\n`;
}
