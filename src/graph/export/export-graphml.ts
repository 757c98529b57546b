import type { GraphReader } from '../graph-reader.ts';

interface Attribute {
  readonly name: string;
  readonly type: 'string' | 'double' | 'long';
}

const string = (name: string): Attribute => ({ name, type: 'string' });
const double = (name: string): Attribute => ({ name, type: 'double' });
const long = (name: string): Attribute => ({ name, type: 'long' });

const OF_ENTITY = [string('label'), string('type'), string('normName'), long('mentionCount')];
const OF_FACT = [
  string('type'),
  double('confidence'),
  double('maxConfidence'),
  long('evidenceCount'),
  long('sourceCount'),
  long('authorCount'),
  long('firstSeenMs'),
  long('lastSeenMs'),
];

/** The live graph as GraphML: entities are nodes, facts are directed edges. A part at a time, in the order of ids. */
export async function* exportGraphml(reader: Pick<GraphReader, 'scan'>): AsyncIterable<string> {
  yield '<?xml version="1.0" encoding="UTF-8"?>\n<graphml xmlns="http://graphml.graphdrawing.org/xmlns">\n';
  for (const { name, type } of OF_ENTITY) yield keyLine('node', name, type);
  for (const { name, type } of OF_FACT) yield keyLine('edge', name, type);
  yield '<graph id="grapevine" edgedefault="directed">\n';
  for await (const { id, name, ...entity } of reader.scan('entities')) {
    yield `<node id="${id}">${dataOf('node', OF_ENTITY, { ...entity, label: name })}</node>\n`;
  }
  for await (const { id, headId, tailId, ...fact } of reader.scan('facts')) {
    yield `<edge id="${id}" source="${headId}" target="${tailId}">${dataOf('edge', OF_FACT, { ...fact })}</edge>\n`;
  }
  yield '</graph>\n</graphml>\n';
}

function keyLine(domain: 'node' | 'edge', name: string, type: string): string {
  return `<key id="${domain}.${name}" for="${domain}" attr.name="${name}" attr.type="${type}"/>\n`;
}

function dataOf(domain: string, attributes: readonly Attribute[], row: Readonly<Record<string, unknown>>): string {
  return attributes.map(({ name }) => `<data key="${domain}.${name}">${escape(String(row[name]))}</data>`).join('');
}

const SIGNS: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** Characters that XML 1.0 has no form for. */
const WITHOUT_FORM = /[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu;

function escape(text: string): string {
  return text.replace(WITHOUT_FORM, '\uFFFD').replace(/[&<>"]/g, (sign) => SIGNS[sign] ?? '');
}
