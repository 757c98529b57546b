import { fileURLToPath } from 'node:url';
import graphql from '@graphql-eslint/eslint-plugin';
import { ESLint } from 'eslint';
import { expect, test } from 'vitest';

const SCHEMA = 'src/api/schema.graphql';
const root = fileURLToPath(new URL('../../..', import.meta.url));
const recommended = graphql.configs['flat/schema-recommended'].rules;

test('the schema passes a linter, with the rules of Relay', async () => {
  const eslint = new ESLint({
    cwd: root,
    overrideConfigFile: true,
    overrideConfig: [
      {
        files: ['**/*.graphql'],
        languageOptions: { parser: graphql.parser, parserOptions: { graphQLConfig: { schema: SCHEMA } } },
        plugins: { '@graphql-eslint': graphql as never },
        rules: {
          ...recommended,
          ...graphql.configs['flat/schema-relay'].rules,
          // Short descriptions stand on a line, long ones in a block.
          '@graphql-eslint/description-style': 'off',
          // Pages, events and answers have no identity of their own.
          '@graphql-eslint/strict-id-in-types': 'off',
          // Pages go forward only.
          '@graphql-eslint/relay-arguments': ['error', { includeBoth: false }],
          // Short lists of plain values are no connections; evidence is found through its fact, a decision in its list.
          '@graphql-eslint/relay-edge-types': [
            'error',
            { listTypeCanWrapOnlyEdgeType: false, shouldImplementNode: false },
          ],
          // Filters are written as in the file of alert rules, with its words.
          '@graphql-eslint/naming-convention': [
            'error',
            {
              ...recommended['@graphql-eslint/naming-convention'][1],
              EnumValueDefinition: {
                style: 'UPPER_CASE',
                ignorePattern: '^(and|or|eq|not_eq|gte?|lte?|within|starts_with|contains)$',
              },
            },
          ],
        },
      },
    ],
  });
  const [result] = await eslint.lintFiles([SCHEMA]);
  expect(result?.messages.map(({ line, ruleId, message }) => `${line} ${ruleId}: ${message}`)).toEqual([]);
});
