import { z } from 'zod';
import { count } from './kinds.ts';

/** The graph database. */
export const graphSettings = {
  GRAPH_URL: z
    .string()
    .default('sqlite:grapevine.db')
    .describe('The graph: sqlite:PATH, neo4j://HOST:PORT or bolt://HOST:PORT.'),
  NEO4J_USERNAME: z.string().default('neo4j').describe('User name for Neo4j.'),
  NEO4J_PASSWORD: z.string().default('').describe('Password for Neo4j.').meta({ secret: true }),
  NEO4J_DATABASE: z.string().default('neo4j').describe('Database within Neo4j.'),
  NEO4J_RETRY_MS: count(15_000).describe('Longest time one transaction is retried inside the driver, milliseconds.'),
};
