import type { Decision } from '../../../domain/decision.ts';
import { subjectsOf } from '../../plan/about.ts';
import { initialsOf } from '../../resolve/initials.ts';
import type { Connection } from '../connection.ts';
import type { Migration } from './migration.ts';

/** What suggestions look for: decisions by what they are about, long names by their initials, accounts by handle and name. */
export const suggestions: Migration = {
  does: 'makes decisions, initials and accounts searchable',
  apply(connection) {
    connection.script(SQL);
    addSubjects(connection);
    addInitials(connection);
  },
};

const SQL = `
  CREATE TABLE decision_subject (
    subject_id TEXT NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (subject_id, seq)
  ) STRICT, WITHOUT ROWID;
  ALTER TABLE entity ADD COLUMN initials TEXT;
  CREATE INDEX entity_initials ON entity (initials, type) WHERE initials IS NOT NULL;
  CREATE INDEX redirect_root ON redirect (root_id);
  CREATE INDEX author_handle ON author (lower(ltrim(handle, '@'))) WHERE handle IS NOT NULL;
  CREATE INDEX author_name ON author (name) WHERE name IS NOT NULL;`;

function addSubjects(connection: Connection): void {
  const rows = connection.all<{ seq: number; decision: string }>('SELECT seq, decision FROM decision ORDER BY seq');
  const log = rows.map(({ decision }) => JSON.parse(decision) as Decision);
  for (const [index, decision] of log.entries()) {
    for (const id of new Set(subjectsOf(decision, log))) {
      connection.run('INSERT INTO decision_subject VALUES (?, ?)', id, rows[index]?.seq ?? 0);
    }
  }
}

function addInitials(connection: Connection): void {
  for (const { id, name } of connection.all<{ id: string; name: string }>(
    "SELECT id, norm_name AS name FROM entity WHERE norm_name LIKE '% %'",
  )) {
    const initials = initialsOf(name);
    if (initials !== undefined) connection.run('UPDATE entity SET initials = ? WHERE id = ?', initials, id);
  }
}
