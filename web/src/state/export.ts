import type { Link } from '../data/rows.ts';

/** The links as comma-separated values. A text that a spreadsheet would take for a formula is kept a text. */
export function csvOf(rows: readonly Link[]): string {
  const head = 'head,head type,relation,tail,tail type,confidence,sources,posts,first seen,last seen,fact id';
  const lines = rows.map(({ fact, head, tail }) =>
    [
      head.name,
      head.type,
      fact.type,
      tail.name,
      tail.type,
      fact.confidence,
      fact.sourceCount,
      fact.evidenceCount,
      new Date(fact.firstSeenMs).toISOString(),
      new Date(fact.lastSeenMs).toISOString(),
      fact.id,
    ]
      .map(cell)
      .join(','),
  );
  return `${[head, ...lines].join('\r\n')}\r\n`;
}

/** The links and their ends as JSON. */
export function jsonOf(rows: readonly Link[]): string {
  const entities = new Map(rows.flatMap(({ head, tail }) => [head, tail]).map((entity) => [entity.id, entity]));
  return JSON.stringify({ entities: [...entities.values()], facts: rows.map(({ fact }) => fact) }, undefined, 2);
}

/** The links and their ends as GEXF 1.3, which Gephi reads. */
export function gexfOf(rows: readonly Link[], placeOf: (id: string) => { x: number; y: number } | undefined): string {
  const entities = new Map(rows.flatMap(({ head, tail }) => [head, tail]).map((entity) => [entity.id, entity]));
  const nodes = [...entities.values()].map(({ id, name, type }) => {
    const place = placeOf(id);
    const position = place ? `<viz:position x="${place.x}" y="${place.y}" z="0"/>` : '';
    return `<node id="${id}" label="${escaped(name)}"><attvalues><attvalue for="type" value="${escaped(type)}"/></attvalues>${position}</node>`;
  });
  const edges = rows.map(
    ({ fact }) =>
      `<edge id="${fact.id}" source="${fact.headId}" target="${fact.tailId}" label="${escaped(fact.type)}" weight="${fact.confidence}"><attvalues><attvalue for="sources" value="${fact.sourceCount}"/></attvalues></edge>`,
  );
  return `<?xml version="1.0" encoding="UTF-8"?>
<gexf xmlns="http://gexf.net/1.3" xmlns:viz="http://gexf.net/1.3/viz" version="1.3">
<graph defaultedgetype="directed">
<attributes class="node"><attribute id="type" title="type" type="string"/></attributes>
<attributes class="edge"><attribute id="sources" title="sources" type="integer"/></attributes>
<nodes>
${nodes.join('\n')}
</nodes>
<edges>
${edges.join('\n')}
</edges>
</graph>
</gexf>
`;
}

function cell(value: string | number): string {
  const text = typeof value === 'string' && /^[=+\-@\t\r]/.test(value) ? `'${value}` : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

function escaped(text: string): string {
  // XML has no place for most control characters, nor for half a surrogate pair.
  const kept = text.replace(/\p{Cs}/gu, '\ufffd').replace(/[^\P{Cc}\t\n\r]/gu, '');
  return kept.replace(/[&<>"]/g, (letter) => ENTITIES[letter] ?? letter);
}
