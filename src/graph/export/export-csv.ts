import type { GraphReader } from '../graph-reader.ts';
import { cypherName } from '../neo4j/names.ts';
import type { ScanRows } from '../scan.ts';
import { type Cell, csvLine } from './csv.ts';

type Kind = keyof ScanRows;

/** A file of an export with its lines. */
export interface ExportedFile {
  readonly name: string;
  readonly lines: AsyncIterable<string>;
}

interface Table<K extends Kind> {
  readonly kind: K;
  readonly header: readonly string[];
  /** Undefined for a row that cannot be told in this format. */
  cells(row: ScanRows[K]): readonly Cell[] | undefined;
}

const ENTITIES: Table<'entities'> = {
  kind: 'entities',
  header: ['id:ID(Entity)', 'type', 'name', 'normName', 'mentionCount:long', ':LABEL'],
  cells: ({ id, type, name, normName, mentionCount }) => {
    return [id, type, name, normName, mentionCount, ['Entity', cypherName(type) ?? []].flat().join(';')];
  },
};

const POSTS: Table<'posts'> = {
  kind: 'posts',
  header: [
    'id:ID(Post)',
    'platform',
    'nativeId',
    'version',
    'text',
    'url',
    'lang',
    'authorNativeId',
    'authorHandle',
    'authorName',
    'eventMs:long',
    ':LABEL',
  ],
  cells: ({ id, platform, nativeId, version, text, url, lang, author, eventMs }) => {
    return [id, platform, nativeId, version, text, url, lang, author.id, author.handle, author.name, eventMs, 'Post'];
  },
};

const NUMBERS = [
  'confidence:double',
  'maxConfidence:double',
  'evidenceCount:long',
  'sourceCount:long',
  'authorCount:long',
  'firstSeenMs:long',
  'lastSeenMs:long',
  'createdMs:long',
];

const FACTS: Table<'facts'> = {
  kind: 'facts',
  header: ['id:ID(Fact)', 'type', 'headId', 'tailId', ...NUMBERS, ':LABEL'],
  cells: (fact) => [fact.id, fact.type, fact.headId, fact.tailId, ...numbersOf(fact), 'Fact'],
};

/** The same facts as edges, for who wants to see entities and what links them. */
const LINKS: Table<'facts'> = {
  kind: 'facts',
  header: [':START_ID(Entity)', ':END_ID(Entity)', ':TYPE', 'factId', ...NUMBERS],
  cells: (fact) => {
    const name = cypherName(fact.type);
    return name === undefined ? undefined : [fact.headId, fact.tailId, name, fact.id, ...numbersOf(fact)];
  },
};

const MENTIONS: Table<'mentions'> = {
  kind: 'mentions',
  header: [':START_ID(Post)', ':END_ID(Entity)', ':TYPE', 'id', 'start:long', 'end:long', 'text', 'type', 'p:double'],
  cells: ({ id, postId, entityId, start, end, text, type, p }) => {
    return [postId, entityId, 'MENTIONS', id, start, end, text, type, p];
  },
};

const EVIDENCE: Table<'evidence'> = {
  kind: 'evidence',
  header: [
    ':START_ID(Post)',
    ':END_ID(Fact)',
    ':TYPE',
    'id',
    'headMentionId',
    'tailMentionId',
    'p:double',
    'eventMs:long',
    'extractor',
  ],
  cells: ({ id, postId, factId, headMentionId, tailMentionId, p, eventMs, extractor }) => {
    return [postId, factId, 'ASSERTS', id, headMentionId, tailMentionId, p, eventMs, extractor];
  },
};

/**
 * The live graph as the files that `neo4j-admin database import full` reads, nodes first. Texts may hold line breaks, so
 * it needs `--multiline-fields=true`.
 */
export function exportCsv(reader: Pick<GraphReader, 'scan'>): {
  readonly nodes: readonly ExportedFile[];
  readonly relationships: readonly ExportedFile[];
} {
  return {
    nodes: [file('entities', reader, ENTITIES), file('posts', reader, POSTS), file('facts', reader, FACTS)],
    relationships: [
      file('links', reader, LINKS),
      file('mentions', reader, MENTIONS),
      file('evidence', reader, EVIDENCE),
    ],
  };
}

function file<K extends Kind>(name: string, reader: Pick<GraphReader, 'scan'>, table: Table<K>): ExportedFile {
  return { name: `${name}.csv`, lines: linesOf(reader, table) };
}

async function* linesOf<K extends Kind>(reader: Pick<GraphReader, 'scan'>, table: Table<K>): AsyncIterable<string> {
  yield csvLine(table.header).replaceAll('"', '');
  for await (const row of reader.scan(table.kind)) {
    const cells = table.cells(row);
    if (cells) yield csvLine(cells);
  }
}

function numbersOf(fact: ScanRows['facts']): readonly number[] {
  const { confidence, maxConfidence, evidenceCount, sourceCount, authorCount } = fact;
  const times = [fact.firstSeenMs, fact.lastSeenMs, fact.createdMs];
  return [confidence, maxConfidence, evidenceCount, sourceCount, authorCount, ...times];
}
