import type { Mutant } from './mutant.ts';

const DECIDE = 'src/graph/plan/decide.ts';

/** Defences of the graph and its outbox. */
export const graphMutants: readonly Mutant[] = [
  {
    name: 'no-version-gate',
    without: 'the version gate: whatever comes last wins',
    file: DECIDE,
    edits: [
      ["if (order !== 0) return order > 0 ? 'replaced' : 'stale_version';", "if (order !== 0) return 'replaced';"],
    ],
    fault: 'sigterm',
    shows: /missing/,
  },
  {
    name: 'no-tombstones',
    without: 'tombstones: a late copy brings a deleted post back',
    file: DECIDE,
    edits: [
      ["if (stored.deleted) return order > 0 ? 'created' : 'tombstoned';", "if (stored.deleted) return 'created';"],
    ],
    fault: 'sigterm',
    shows: /unexpected/,
  },
  {
    name: 'random-ids',
    without: 'ids that follow from the content',
    file: 'src/graph/resolve/resolve-post.ts',
    edits: [['id: evidenceId(post.id, head.entityId, relation.type, tail.entityId),', 'id: `ev_${Math.random()}`,']],
    fault: 'sigterm',
    shows: /unexpected/,
  },
  {
    name: 'mark-before-publish',
    without: 'publishing before marking as published',
    file: 'src/graph/neo4j/neo4j-graph-store.ts',
    edits: [
      ['    await publish(events);\n', ''],
      ['    return events.length;\n', '    await publish(events);\n    return events.length;\n'],
    ],
    fault: 'before-publish',
    shows: /unpublished/,
  },
];
