import { describe, expect, test } from 'vitest';
import { GrapevineError } from '../../../src/errors.ts';
import { parseAliases } from '../../../src/graph/aliases/alias-file.ts';
import { entityKeyOf } from '../../../src/graph/resolve/entity-key.ts';

const HEADER = 'alias,canonical,type,external_id';

function problemOf(text: string): string {
  try {
    parseAliases(text, 'names.csv');
  } catch (error) {
    expect(error).toBeInstanceOf(GrapevineError);
    return (error as Error).message;
  }
  throw new Error('it was read');
}

describe('a file of aliases', () => {
  test('names entities as posts do, with marks, quotes and lines as spreadsheets write them', () => {
    const text = `\ufeff${HEADER},alias_type\r\n"Smith, Jordan",Jordan Smith,PER,,\r\n\r\nBig Apple,New York,LOC,wikidata:Q60,MISC\r\n`;
    expect(parseAliases(text, 'names.csv')).toEqual([
      {
        line: 2,
        canonical: entityKeyOf('PER', 'jordan smith'),
        alias: entityKeyOf('PER', 'smith jordan'),
        externalId: undefined,
      },
      {
        line: 4,
        canonical: entityKeyOf('LOC', 'New York'),
        alias: entityKeyOf('MISC', 'big apple'),
        externalId: 'wikidata:Q60',
      },
    ]);
  });

  test('a spelling that is read alike anyway is no alias, and a catalogue can name an entity without one', () => {
    const [alike, none] = parseAliases(`${HEADER}\nIBM,i.b.m.,ORG,\n,IBM,ORG,wikidata:Q37156\n`, 'names.csv');
    expect(alike?.alias).toBeUndefined();
    expect(none).toMatchObject({ alias: undefined, externalId: 'wikidata:Q37156' });
  });

  test.each([
    ['', 'there is no column alias'],
    ['alias,canonical\nIBM,International', 'there is no column type'],
    [`${HEADER},colour\n`, 'nobody reads the column "colour"'],
    [`${HEADER}\nIBM,International\n`, 'line 2'],
    [`${HEADER}\n"IBM,International,ORG,\n`, 'names.csv'],
    [`${HEADER}\nIBM,International,,\n`, 'line 2: the type is empty'],
    [`${HEADER}\nIBM,,ORG,\n`, 'line 2: the canonical name is empty'],
    [`${HEADER}\n,International,ORG,\n`, 'line 2: there is neither an alias nor an external_id'],
    [`${HEADER}\nIBM,International,ORG,Q37156\n`, 'line 2: external_id "Q37156" has not the form'],
    [`${HEADER}\nIBM,One,ORG,\nibm,Two,ORG,\n`, 'line 3: ibm (ORG) is an alias of another entity in line 2'],
    [`${HEADER}\nTwo,One,ORG,\nThree,Two,ORG,\n`, 'line 3: canonical two (ORG) is an alias in line 2'],
    [`${HEADER}\n,One,ORG,w:1\n,Two,ORG,w:1\n`, 'line 3: w:1 is another entity in line 2'],
  ])('%j is refused', (text, problem) => {
    expect(problemOf(text)).toContain(problem);
  });

  test('names every problem, to a bound', () => {
    const message = problemOf(`${HEADER}\n${'IBM,International,,\n'.repeat(30)}`);
    expect(message.match(/the type is empty/g)).toHaveLength(20);
    expect(message).toContain('and 10 more');
  });
});
