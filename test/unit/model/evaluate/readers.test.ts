import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseConll } from '../../../../src/model/evaluate/conll.ts';
import { parseMnre } from '../../../../src/model/evaluate/mnre.ts';
import { parsePythonLiteral } from '../../../../src/model/evaluate/python-literal.ts';

describe('reading CoNLL', () => {
  it('copes with no blank line at the end, odd words and OTHER', () => {
    const posts = parseConll('IMGID:7\nAna\tB-PER\n\ufe0f\tO\n \tO\n\nIMGID:8\r\nFado\tB-OTHER');
    expect(posts).toEqual([
      { imageId: '7', words: ['Ana', '\ufe0f', ' '], tags: ['B-PER', 'O', 'O'] },
      { imageId: '8', words: ['Fado'], tags: ['B-MISC'] },
    ]);
  });

  it('reads files without pictures, and nothing from nothing', () => {
    expect(parseConll('Ana\tB-PER\n\n\n\nRui\tB-PER\n')).toHaveLength(2);
    expect(parseConll('')).toEqual([]);
  });
});

describe('reading Python literals', () => {
  it.each([
    ["{'a': [1, -2.5, (3,)], 'b': None}", { a: [1, -2.5, [3]], b: null }],
    [`["it's", 'say \\'hi\\'', "\\u00e9\\x41\\n\\U0001F525"]`, ["it's", "say 'hi'", 'éA\n🔥']],
    ['(True, False, 1e3, .5)', [true, false, 1000, 0.5]],
    ["'back\\slash\\d'", 'back\\slash\\d'],
    ['[]', []],
    [' {} ', {}],
  ])('reads %s', (text, value) => {
    expect(parsePythonLiteral(text)).toEqual(value);
  });

  it.each(['{', "'open", '[1 2]', "{'a' 1}", 'open()', '[1] 2', "'\\uD'", '', '['.repeat(100)])(
    'refuses %s',
    (text) => {
      expect(() => parsePythonLiteral(text)).toThrow(SyntaxError);
    },
  );

  it('reads whatever JSON holds, and never anything but fails by name', () => {
    const json = fc
      .jsonValue({ noUnicodeString: false } as object)
      .filter((value) => !JSON.stringify(value).includes('e-'));
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.string(), fc.integer())), (value) => {
        expect(parsePythonLiteral(JSON.stringify(value))).toEqual(value);
      }),
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          json.map((value) => JSON.stringify(value)),
        ),
        (text) => {
          try {
            parsePythonLiteral(text);
          } catch (error) {
            expect(error).toBeInstanceOf(SyntaxError);
          }
        },
      ),
    );
  });
});

describe('reading MNRE', () => {
  const row =
    "{'token': ['Ana', 'in', 'Porto'], 'h': {'name': 'Ana', 'pos': [0, 1]}, 't': {'name': 'Porto', 'pos': [2, 3]}, 'img_id': 'a.jpg', 'relation': 'none'}";

  it('gives rows in the order of the file', () => {
    expect(parseMnre(`${row}\n\n${row}\n`)).toHaveLength(2);
    expect(parseMnre(row)).toEqual([
      { words: ['Ana', 'in', 'Porto'], head: [0, 1], tail: [2, 3], relation: 'None', imageId: 'a.jpg' },
    ]);
    expect(parseMnre(row.replace("'a.jpg'", '42'))[0]?.imageId).toBe('42');
  });

  it.each([
    ["[2, 3]}, 'img", "[2, 4]}, 'img", 'no words at \\[2, 4\\]'],
    ["'relation'", "'label'", 'relation'],
    ["{'token'", "{'token", 'character'],
  ])('names the line where %s is %s', (from, to, message) => {
    expect(() => parseMnre(`${row}\n${row.replace(from, to)}`)).toThrow(new RegExp(`line 2 .*${message}`, 'su'));
  });
});
