import { constraints } from './1-constraints.ts';
import { positions } from './2-positions.ts';
import { standings } from './3-standings.ts';
import type { Migration } from './migration.ts';

/** All migrations; the schema version of a database is how many of them it has had. */
export const MIGRATIONS: readonly Migration[] = [constraints, positions, standings];
