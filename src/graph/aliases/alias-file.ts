import { parse } from 'csv-parse/sync';
import type { EntityKey } from '../../domain/decision.ts';
import { GrapevineError, messageOf } from '../../errors.ts';
import { entityKeyOf } from '../resolve/entity-key.ts';

/** What a row says: another name of an entity, what another catalogue calls it, or both. */
export interface AliasRow {
  /** From 1. */
  readonly line: number;
  readonly canonical: EntityKey;
  /** Absent where the alias is only another spelling that is read alike anyway. */
  readonly alias: EntityKey | undefined;
  readonly externalId: string | undefined;
}

const REQUIRED = ['alias', 'canonical', 'type'] as const;
const OPTIONAL = ['external_id', 'alias_type'] as const;
type Column = (typeof REQUIRED)[number] | (typeof OPTIONAL)[number];

/** Most problems that one error names. */
const MAX_PROBLEMS = 20;
const EXTERNAL_ID = /^[a-z][a-z0-9_.-]*:\S+$/;

/** A record as the parser gives it, with the number of the line it ends at. */
interface Parsed {
  readonly record: readonly string[];
  readonly info: { readonly lines: number };
}

interface Line {
  readonly line: number;
  readonly values: Readonly<Record<Column, string>>;
}

/**
 * Reads a CSV file of aliases: a header with the columns `alias`, `canonical` and `type`, and as one likes `external_id`
 * (`wikidata:Q95`) and `alias_type`, where the alias is found under another type.
 *
 * @param file its name, for errors
 * @throws {INPUT_UNREADABLE} naming each problem with its line
 */
export function parseAliases(text: string, file: string): readonly AliasRow[] {
  const problems: string[] = [];
  const rows = readLines(text, file).flatMap((line) => {
    const row = rowOf(line);
    if (typeof row !== 'string') return [row];
    problems.push(`line ${line.line}: ${row}`);
    return [];
  });
  problems.push(...contradictions(rows));
  if (problems.length === 0) return rows;
  const more = problems.length > MAX_PROBLEMS ? [`and ${problems.length - MAX_PROBLEMS} more`] : [];
  throw unreadable(file, [...problems.slice(0, MAX_PROBLEMS), ...more].join('\n  '));
}

function readLines(text: string, file: string): readonly Line[] {
  try {
    const parsed: unknown = parse(text, { bom: true, info: true, trim: true, skip_empty_lines: true });
    const [header, ...records] = parsed as readonly Parsed[];
    const columns = header?.record ?? [];
    const faults = [
      ...REQUIRED.filter((name) => !columns.includes(name)).map((name) => `there is no column ${name}`),
      ...columns.filter((name) => !isColumn(name)).map((name) => `nobody reads the column ${JSON.stringify(name)}`),
    ];
    if (faults.length > 0)
      throw new Error(
        `${faults.join(', ')}; the first line names the columns: ${[...REQUIRED, ...OPTIONAL].join(',')}`,
      );
    return records.map(({ record, info }) => {
      const at = (name: Column) => record[columns.indexOf(name)] ?? '';
      const values = {
        alias: at('alias'),
        canonical: at('canonical'),
        type: at('type'),
        external_id: at('external_id'),
        alias_type: at('alias_type'),
      };
      return { line: info.lines, values };
    });
  } catch (error) {
    throw unreadable(file, messageOf(error));
  }
}

/** The row, or what is wrong with it. */
function rowOf({ line, values }: Line): AliasRow | string {
  const { alias, canonical: name, type, alias_type: aliasType, external_id: externalId } = values;
  if (type === '') return 'the type is empty';
  if (name === '') return 'the canonical name is empty';
  if (alias === '' && externalId === '') return 'there is neither an alias nor an external_id';
  if (externalId !== '' && !EXTERNAL_ID.test(externalId))
    return `external_id ${JSON.stringify(externalId)} has not the form catalogue:id, such as wikidata:Q95`;
  const canonical = entityKeyOf(type, name);
  const other = alias === '' ? canonical : entityKeyOf(aliasType || type, alias);
  return {
    line,
    canonical,
    alias: other.id === canonical.id ? undefined : other,
    externalId: externalId === '' ? undefined : externalId,
  };
}

/** What rows say against each other, with both lines. */
function contradictions(rows: readonly AliasRow[]): readonly string[] {
  const asAlias = new Map<string, AliasRow>();
  const byExternalId = new Map<string, AliasRow>();
  const problems: string[] = [];
  for (const row of rows) {
    const { alias, canonical, externalId, line } = row;
    const said = alias && asAlias.get(alias.id);
    if (alias && said && said.canonical.id !== canonical.id)
      problems.push(
        `line ${line}: ${alias.normName} (${alias.type}) is an alias of another entity in line ${said.line}`,
      );
    if (alias && !said) asAlias.set(alias.id, row);
    const held = externalId === undefined ? undefined : byExternalId.get(externalId);
    if (held && held.canonical.id !== canonical.id)
      problems.push(`line ${line}: ${externalId} is another entity in line ${held.line}`);
    if (externalId !== undefined && !held) byExternalId.set(externalId, row);
  }
  for (const { canonical, line } of rows) {
    const said = asAlias.get(canonical.id);
    if (said)
      problems.push(
        `line ${line}: canonical ${canonical.normName} (${canonical.type}) is an alias in line ${said.line}`,
      );
  }
  return problems;
}

function isColumn(name: string): boolean {
  return [...REQUIRED, ...OPTIONAL].some((column) => column === name);
}

function unreadable(file: string, found: string): GrapevineError {
  return new GrapevineError('INPUT_UNREADABLE', `reading the aliases in ${file}: ${found}`);
}
