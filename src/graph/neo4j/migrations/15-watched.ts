import { inTurn, type Migration } from './migration.ts';

/** Entities of which each post that comes to mention them is told. */
export const watched: Migration = {
  does: 'makes the constraint of watched entities',
  apply: (client) =>
    inTurn(client, ['CREATE CONSTRAINT watched_key IF NOT EXISTS FOR (n:Watched) REQUIRE n.key IS UNIQUE']),
};
