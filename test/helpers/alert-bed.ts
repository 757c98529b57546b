import { afterAll, beforeAll, beforeEach } from 'vitest';
import { AlertService } from '../../src/alerts/alert-service.ts';
import type { AlertSink } from '../../src/alerts/alert-sink.ts';
import { HttpAlertSink } from '../../src/alerts/http/http-alert-sink.ts';
import { standardWebhook } from '../../src/alerts/http/write-json.ts';
import { RuleBook } from '../../src/alerts/rule-book.ts';
import { parseRules } from '../../src/alerts/rule-file.ts';
import type { OpenGraph } from '../../src/graph/open-graph.ts';
import { urlRules } from '../../src/network/web-policy.ts';
import { createLogger } from '../../src/telemetry/logger.ts';
import { createTelemetry } from '../../src/telemetry/telemetry.ts';
import { type GraphAdapter, relayAll, type TestDatabase } from './graph-adapters.ts';
import { memberPost } from './graph-extractions.ts';
import { type WebhookReceiver, webhookReceiver } from './webhook-receiver.ts';

/** What webhooks are signed with. */
export const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
/** How long a process has what it took. */
export const LEASE_MS = 40_000;
/** Rules about confirmed facts, and about guests. */
export const file = parseRules(
  `channels: {ops: {kind: webhook, url: "http://127.0.0.1/", secretFile: none}}
rules:
  - name: Confirmed
    when: fact.created
    channels: [ops]
    filter: {filters: [{key: sourceCount, operator: gte, values: [2]}]}
  - name: Newcomers
    when: entity.created
    channels: [ops]
    template: "{{entity.name}} of {{entity.type}}"
    filter: {filters: [{key: entity.name, operator: starts_with, values: [Guest]}]}
  - name: Merged
    when: entity.merged
    channels: [ops]
    filter: {filters: [{key: into.name, operator: eq, values: [Guest Bo]}]}`,
  'rules.yaml',
);

/** Two processes' worth of what decides and delivers alerts, over one database and a receiver of webhooks; registers its hooks. */
export function alertBed(adapter: GraphAdapter) {
  const clock = { nowMs: 1_000_000 };
  let database: TestDatabase;
  let graph: OpenGraph;
  let rival: OpenGraph;
  let receiver: WebhookReceiver;
  let status: number;
  const lost: unknown[] = [];
  beforeAll(async () => {
    database = await adapter.database(clock);
    graph = await database.open();
    rival = await database.open();
    receiver = await webhookReceiver((response) => void response.writeHead(status).end());
  });
  beforeEach(async () => {
    clock.nowMs = Date.now();
    status = 204;
    lost.length = 0;
    (receiver.received as unknown[]).length = 0;
    await database.clear();
  });
  afterAll(async () => {
    await receiver[Symbol.asyncDispose]();
    await database[Symbol.asyncDispose]();
  });

  const webhook = () => {
    const policy = urlRules({ httpsOnly: false, ports: [], hosts: [], privateNetworks: ['127.0.0.0/8'] });
    return new HttpAlertSink({
      url: receiver.url,
      write: standardWebhook([SECRET]),
      rules: { ...policy, allowPort: () => true },
      timeoutMs: 5_000,
    });
  };
  const serviceOf = ({ alerts, reader }: OpenGraph, holder: string, sink: AlertSink = webhook(), channels = ['ops']) =>
    new AlertService({
      store: alerts,
      reader,
      book: new RuleBook({ file, store: alerts, clock: () => clock.nowMs }),
      sinks: new Map(channels.map((channel) => [channel, sink])),
      maxAgeMs: 86_400_000,
      retentionMs: 30 * 86_400_000,
      holder,
      leaseMs: LEASE_MS,
      pollMs: 50,
      events: { ...createTelemetry(createLogger('silent')).events, alertLost: (fact) => void lost.push(fact) },
      clock: () => clock.nowMs,
    });
  /** Facts of a number of organisations, each said by two authors. */
  const confirm = async (count: number, first = 0) => {
    const posts = [...Array(count).keys()].flatMap((index) =>
      ['a', 'b'].map((author) =>
        memberPost({
          id: `${first + index}${author}`,
          at: new Date(clock.nowMs).toISOString(),
          author,
          organisation: `Org ${first + index}`,
        }),
      ),
    );
    await graph.store.replacePosts(posts);
    await relayAll(graph.store);
  };
  const ids = () => receiver.received.map(({ headers }) => headers['webhook-id']);

  return {
    clock,
    lost,
    webhook,
    serviceOf,
    confirm,
    ids,
    get graph() {
      return graph;
    },
    get rival() {
      return rival;
    },
    get receiver() {
      return receiver;
    },
    /** What the receiver answers. */
    set status(code: number) {
      status = code;
    },
  };
}
