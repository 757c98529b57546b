import { describe, expect, test } from 'vitest';
import { AlertService } from '../../src/alerts/alert-service.ts';
import type { AlertSink } from '../../src/alerts/alert-sink.ts';
import { RuleBook } from '../../src/alerts/rule-book.ts';
import { parseRules } from '../../src/alerts/rule-file.ts';
import { createLogger } from '../../src/telemetry/logger.ts';
import { createTelemetry } from '../../src/telemetry/telemetry.ts';
import { alertBed, file, LEASE_MS } from '../helpers/alert-bed.ts';
import { graphAdapters } from '../helpers/graph-servers.ts';

describe.each(graphAdapters())('deliveries of alerts on $name', (adapter) => {
  const bed = alertBed(adapter);
  const { clock, lost, serviceOf, confirm, ids } = bed;

  test('what fails is tried again with the same id, when its pause is over', async () => {
    const service = serviceOf(bed.graph, 'a');
    await service.pass();
    await confirm(1);
    bed.status = 500;
    await service.pass();
    await service.pass();
    expect(bed.receiver.received).toHaveLength(1);
    clock.nowMs += 6_000;
    bed.status = 204;
    await service.pass();
    expect(bed.receiver.received).toHaveLength(2);
    expect(new Set(ids()).size).toBe(1);
    clock.nowMs += 86_400_000;
    await service.pass();
    expect(bed.receiver.received).toHaveLength(2);
  });

  test('a receiver that asks to wait uses up no attempt, as long as the schedule would last', async () => {
    const attempt = { delivered: false, outcome: 'http_429', milliseconds: 1 };
    const answers = [attempt, { ...attempt, outcome: 'http_503', retryAfterMs: 3_600_000 }];
    let asked = 0;
    const sink: AlertSink = {
      deliver: async () => answers[asked++] ?? attempt,
      async [Symbol.asyncDispose]() {},
    };
    const service = serviceOf(bed.graph, 'a', sink);
    await service.pass();
    await confirm(1);
    const beganMs = clock.nowMs;
    const last = async () => (await bed.graph.alerts.deliveries({ limit: 1 }))[0];
    await service.pass();
    expect(await last()).toMatchObject({ state: 'pending', attempts: 0, dueMs: beganMs + 60_000 });
    clock.nowMs += 60_000;
    await service.pass();
    expect(await last()).toMatchObject({ outcome: 'http_503', attempts: 0, dueMs: beganMs + 3_660_000 });
    clock.nowMs = beganMs + 80 * 3_600_000;
    await service.pass();
    expect(await last()).toMatchObject({ state: 'pending', outcome: 'http_429', attempts: 1 });
  });

  test('what a receiver answered goes with the author whom it may have quoted', async () => {
    const echoes: AlertSink = {
      deliver: async () => ({ delivered: true, outcome: 'ok', milliseconds: 1, answer: 'got: Ada meets Bo' }),
      async [Symbol.asyncDispose]() {},
    };
    const service = serviceOf(bed.graph, 'a', echoes);
    await service.pass();
    await confirm(1);
    await service.pass();
    const last = async () => (await bed.graph.alerts.deliveries({ limit: 1 }))[0];
    expect(await last()).toMatchObject({ state: 'delivered', answer: 'got: Ada meets Bo' });
    await bed.graph.store.eraseAuthor({ platform: 'native', id: 'anyone' });
    expect(await last()).toMatchObject({ state: 'delivered', answer: null });
  });

  test('what waits for longer than its events are kept is not told, which is', async () => {
    const service = serviceOf(bed.graph, 'a');
    await service.pass();
    await confirm(1);
    bed.status = 500;
    await service.pass();
    expect(lost).toEqual([]);
    clock.nowMs += 8 * 86_400_000;
    bed.status = 204;
    await confirm(1, 1);
    await service.pass();
    const outcomes = (await bed.graph.alerts.deliveries({ limit: 2 })).map(({ outcome }) => outcome);
    expect(outcomes).toEqual(['ok', 'no_event']);
    expect(lost).toEqual([{ rule: 'Confirmed', channel: 'ops' }]);
  });

  test('what a process knows no channel for waits, and one that knows it sends it', async () => {
    const service = serviceOf(bed.graph, 'a');
    await service.pass();
    await confirm(1);
    const without = serviceOf(bed.rival, 'b', undefined, []);
    await without.pass();
    const last = async () => (await bed.graph.alerts.deliveries({ limit: 1 }))[0];
    expect(await last()).toMatchObject({ state: 'pending', outcome: 'no_channel' });
    clock.nowMs += 6_000;
    await service.pass();
    expect(await last()).toMatchObject({ state: 'delivered', outcome: 'ok' });
    expect(bed.receiver.received).toHaveLength(1);
    await confirm(1, 1);
    for (let attempt = 0; attempt < 10; attempt++) {
      await without.pass();
      clock.nowMs += 30 * 3_600_000;
    }
    expect(await last()).toMatchObject({ state: 'failed', outcome: 'no_channel' });
    // Nobody was asked: that says nothing about the channel.
    expect((await new RuleBook({ file, store: bed.graph.alerts }).disabledChannels()).size).toBe(0);
  });

  test('a receiver that is gone is not asked again', async () => {
    const service = serviceOf(bed.graph, 'a');
    await service.pass();
    await confirm(1);
    bed.status = 410;
    await service.pass();
    clock.nowMs += 86_400_000;
    await service.pass();
    expect(bed.receiver.received).toHaveLength(1);
    await confirm(1, 1);
    await service.pass();
    expect(bed.receiver.received).toHaveLength(1);
    const outcomes = async () => (await bed.graph.alerts.deliveries({ limit: 10 })).map(({ outcome }) => outcome);
    expect(await outcomes()).toEqual(['channel_disabled', 'http_410']);
    const book = new RuleBook({ file, store: bed.rival.alerts });
    expect([...(await book.disabledChannels()).values()]).toMatchObject([{ channel: 'ops', outcome: 'http_410' }]);
    expect(await book.enableChannel('ops')).toBe('ops');
    expect(await book.enableChannel('ops')).toMatchObject({ problems: [{ code: 'NOT_FOUND' }] });
    bed.status = 204;
    const [disabled] = await bed.graph.alerts.deliveries({ limit: 1 });
    await bed.graph.alerts.replayDelivery(disabled?.id ?? '', clock.nowMs);
    await service.pass();
    expect(await outcomes()).toEqual(['ok', 'http_410']);
  });

  test('a channel that takes nothing for the whole schedule is disabled, one that takes other messages is not', async () => {
    const service = serviceOf(bed.graph, 'a');
    await service.pass();
    const exhaust = async () => {
      for (let attempt = 0; attempt < 10; attempt++) {
        await service.pass();
        clock.nowMs += 30 * 3_600_000;
      }
    };
    await confirm(1);
    bed.status = 500;
    await exhaust();
    const book = new RuleBook({ file, store: bed.graph.alerts });
    expect([...(await book.disabledChannels()).values()]).toMatchObject([{ channel: 'ops', outcome: 'http_500' }]);
    await book.enableChannel('ops');
    clock.nowMs += 1000;
    await confirm(1, 1);
    await service.pass();
    bed.status = 204;
    await confirm(1, 2);
    await service.pass();
    bed.status = 400;
    await exhaust();
    expect((await book.disabledChannels()).size).toBe(0);
  });

  test('the log of deliveries tells, a replay sends once more with the same id, and what is old is forgotten', async () => {
    const service = serviceOf(bed.graph, 'a');
    await service.pass();
    await confirm(2);
    bed.status = 410;
    await service.pass();
    await new RuleBook({ file, store: bed.graph.alerts }).enableChannel('ops');
    const failed = await bed.graph.alerts.deliveries({ state: 'failed', channel: 'ops', limit: 10 });
    expect(failed).toMatchObject([
      { rule: 'Confirmed', attempts: 1, outcome: 'http_410' },
      { rule: 'Confirmed', attempts: 1, outcome: 'http_410' },
    ]);
    const [{ id }] = failed as [(typeof failed)[0]];
    bed.status = 204;
    expect(await bed.graph.alerts.replayDelivery(id, clock.nowMs)).toBe(true);
    expect(await bed.graph.alerts.replayDelivery(id, clock.nowMs)).toBe(false);
    await service.pass();
    expect(ids().filter((one) => one === id)).toHaveLength(2);
    expect(await bed.graph.alerts.deliveries({ state: 'delivered', limit: 10 })).toMatchObject([{ id }]);
    clock.nowMs += 31 * 86_400_000;
    await service.pass();
    expect(await bed.graph.alerts.deliveries({ limit: 10 })).toEqual([]);
  });

  test('what a dead process had taken is sent by another, and a decision counts once', async () => {
    await serviceOf(bed.graph, 'a').pass();
    await confirm(1);
    const sent: string[] = [];
    const dying: AlertSink = {
      async deliver({ id }) {
        sent.push(id);
        throw new Error('killed');
      },
      async [Symbol.asyncDispose]() {},
    };
    await expect(serviceOf(bed.graph, 'a', dying).pass()).rejects.toThrow('killed');
    const heir = serviceOf(bed.rival, 'b');
    await heir.pass();
    expect(bed.receiver.received).toEqual([]);
    clock.nowMs += LEASE_MS;
    await heir.pass();
    expect(ids()).toEqual(sent);
    const head = await bed.graph.alerts.head();
    const late = { revision: 0, position: 99, put: [], removed: [], alerts: [] };
    expect(await bed.graph.alerts.decide(late)).toBe(false);
    expect(await bed.graph.alerts.head()).toEqual(head);
  });

  test('a receiver that does not answer holds up nobody else', async () => {
    const both = parseRules(
      `channels: {quick: {kind: log}, stuck: {kind: log}}
rules: [{name: Any, when: fact.created, channels: [stuck, quick]}]`,
      'rules.yaml',
    );
    const told: string[] = [];
    let release = () => {};
    const stuck = new Promise<void>((resolve) => {
      release = resolve;
    });
    const sinkOf = (name: string): AlertSink => ({
      async deliver({ id }) {
        if (name === 'stuck') await stuck;
        told.push(id);
        return { delivered: true, outcome: 'ok', milliseconds: 1 };
      },
      async [Symbol.asyncDispose]() {},
    });
    const { alerts, reader } = bed.graph;
    await using service = new AlertService({
      store: alerts,
      reader,
      book: new RuleBook({ file: both, store: alerts }),
      sinks: new Map(['quick', 'stuck'].map((name) => [name, sinkOf(name)])),
      maxAgeMs: 86_400_000,
      retentionMs: 86_400_000,
      holder: 'a',
      leaseMs: LEASE_MS,
      pollMs: 10,
      events: createTelemetry(createLogger('silent')).events,
      clock: () => clock.nowMs,
    });
    service.start();
    await expect.poll(async () => (await alerts.head()).position, { timeout: 120_000 }).toBeDefined();
    await confirm(10);
    await expect.poll(() => told.length, { timeout: 120_000 }).toBe(10);
    await confirm(1, 10);
    await expect.poll(() => told.length, { timeout: 120_000 }).toBe(11);
    release();
    await expect.poll(() => told.length, { timeout: 120_000 }).toBe(22);
    expect(new Set(told).size).toBe(22);
  });
});
