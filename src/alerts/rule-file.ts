import { readFileSync } from 'node:fs';
import { isNode, LineCounter, parseDocument } from 'yaml';
import { GrapevineError, messageOf } from '../errors.ts';
import { type AlertRules, type RuleProblem, readRules } from './rule.ts';

type Place = { readonly line: number; readonly col: number };

/** Reads a YAML file of rules. @throws {CONFIG_INVALID} naming every problem with its line and column. */
export function readRuleFile(file: string): AlertRules {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new GrapevineError('CONFIG_INVALID', `reading the alert rules: ${messageOf(error)}; check ALERT_RULES`);
  }
  return parseRules(text, file);
}

/** Rules from YAML text; `file` is for errors. @throws {CONFIG_INVALID} naming every problem with its line and column. */
export function parseRules(text: string, file: string): AlertRules {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const faults = [...document.errors, ...document.warnings];
  if (faults.length > 0)
    throw refusal(
      file,
      faults.map(({ pos, message }) => sentence(lines.linePos(pos[0]), message)),
    );
  let data: unknown;
  try {
    data = document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    throw refusal(file, [messageOf(error)]);
  }
  const read = readRules(data);
  if ('rules' in read) return read;
  const placeOf = ({ path }: RuleProblem): Place => {
    for (let length = path.length; length > 0; length--) {
      const node = document.getIn(path.slice(0, length), true);
      if (isNode(node) && node.range) return lines.linePos(node.range[0]);
    }
    return { line: 1, col: 1 };
  };
  throw refusal(
    file,
    read.problems.map((problem) => sentence(placeOf(problem), `${pathText(problem.path)}: ${problem.message}`)),
  );
}

function sentence({ line, col }: Place, message: string): string {
  return `line ${line}, column ${col}: ${message}`;
}

function pathText(path: RuleProblem['path']): string {
  return path.length === 0 ? 'the file' : path.join('.');
}

function refusal(file: string, problems: readonly string[]): GrapevineError {
  return new GrapevineError('CONFIG_INVALID', `reading the alert rules ${file}:\n  ${problems.join('\n  ')}`);
}
