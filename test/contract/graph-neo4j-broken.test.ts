// A Neo4j whose connections break or stand still while transactions are under way.
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { Neo4jClient } from '../../src/graph/neo4j/client.ts';
import { serverFromEnvironment } from '../helpers/graph-servers.ts';
import { startTcpProxy, type TcpProxy } from '../helpers/tcp-proxy.ts';

const server = serverFromEnvironment();
const SYNTAX = 'THIS IS NO CYPHER';

describe.skipIf(!server)('writing to a Neo4j', () => {
  let door: TcpProxy;
  let client: Neo4jClient;

  beforeAll(async () => {
    if (!server) return;
    door = await startTcpProxy(Number(new URL(server.url).port));
  });
  const connect = async () => {
    const { username, password } = server ?? { username: '', password: '' };
    const url = `bolt://127.0.0.1:${door.port}`;
    client = new Neo4jClient({ url, username, password, database: 'neo4j', transactionRetryMs: 500 });
    await client.connect();
    return client;
  };
  afterEach(async () => {
    door.accept();
    door.resume();
    await client[Symbol.asyncDispose]();
  });

  test('that answers nothing, and has no connection left to ask for, is out of reach: no fault of what is written', async () => {
    await connect();
    door.stall();
    // Those that hold a connection stand still with it; the hundred and first waits for one.
    const standing = Array.from({ length: 101 }, () => client.write((run) => run('RETURN 1')).catch((error) => error));
    expect(await Promise.race(standing)).toMatchObject({ code: 'GRAPH_UNREACHABLE', retryable: true });
    door.reset();
    for (const error of await Promise.all(standing)) expect(error).toMatchObject({ retryable: true });
  });

  test('whose connection breaks under statements sent together and after each other is tried again', async () => {
    await connect();
    const broken = door.dropAnswerTo('RETURN 2');
    let attempts = 0;
    await client.write(async (run) => {
      attempts++;
      const chain = run('RETURN 1').then(() => run('RETURN 11'));
      await Promise.all([chain, run('RETURN 2'), run('RETURN 3')]);
    });
    await broken;
    expect(attempts).toBe(2);
  });

  test('names the statement that failed, not the ones that failed with it', async () => {
    await connect();
    const both = client.write(async (run) => {
      const wrong = run(SYNTAX);
      // Heard of first: a statement that is sent once the transaction is known to have failed.
      const late = wrong.catch(() => run('RETURN 1'));
      await late;
    });
    await expect(both).rejects.toMatchObject({
      code: 'GRAPH_REJECTED',
      message: expect.stringContaining('Invalid input'),
    });
  });
});
