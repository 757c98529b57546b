import { Webhook } from 'standardwebhooks';
import { describe, expect, test } from 'vitest';
import { idOfSubject } from '../../src/alerts/decide/keys.ts';
import { RuleBook } from '../../src/alerts/rule-book.ts';
import type { EntityKey } from '../../src/domain/decision.ts';
import { entityKeyOf } from '../../src/graph/resolve/entity-key.ts';
import { alertBed, file, SECRET } from '../helpers/alert-bed.ts';
import { relayAll } from '../helpers/graph-adapters.ts';
import { extractionOf } from '../helpers/graph-extractions.ts';
import { graphAdapters } from '../helpers/graph-servers.ts';

describe.each(graphAdapters())('alerts on $name', (adapter) => {
  const bed = alertBed(adapter);
  const { clock, serviceOf, confirm, ids } = bed;

  test('one signed webhook for each fact that crosses the gate, and none for what was there before', async () => {
    await confirm(2);
    const service = serviceOf(bed.graph, 'a');
    await service.pass();
    expect(bed.receiver.received).toEqual([]);
    await confirm(2, 2);
    await service.pass();
    await service.pass();
    const contents = bed.receiver.received.map(({ headers, body }) =>
      new Webhook(SECRET).verify(body, headers as Record<string, string>),
    );
    expect(contents).toHaveLength(2);
    expect(contents[0]).toMatchObject({
      type: 'alert.fired',
      data: {
        rule: 'Confirmed',
        facts: [{ event: 'fact.strengthened', sourceCount: 2, head: { name: 'Ada Lind' }, evidence: [{}, {}] }],
      },
    });
    expect(new Set(ids()).size).toBe(2);
  });

  test('one webhook for each new entity, with the post that brought it, and for each merge, with both', async () => {
    const service = serviceOf(bed.graph, 'a');
    await service.pass();
    const visit = (id: string, name: string) =>
      extractionOf({ id, at: new Date(clock.nowMs).toISOString(), mentions: [[name, 'PER']], relations: [] });
    await bed.graph.store.replacePosts([visit('1', 'Guest Ada'), visit('2', 'Guest Bo'), visit('3', 'Guest Ada')]);
    const [from, into] = ['Guest Ada', 'Guest Bo'].map((name) => entityKeyOf('PER', name)) as [EntityKey, EntityKey];
    await bed.graph.store.decide({ kind: 'merge', from, into });
    await relayAll(bed.graph.store);
    await service.pass();
    const told = bed.receiver.received.map(({ body }) => (JSON.parse(body) as { data: Record<string, unknown> }).data);
    const [ada, bo] = [
      { id: from.id, name: 'Guest Ada', type: 'PER' },
      { id: into.id, name: 'Guest Bo', type: 'PER' },
    ];
    const evidence = [{ author: '@a', text: expect.stringContaining('post 1 says'), postId: expect.any(String) }];
    expect(told.sort((a, b) => (String(a['text']) < String(b['text']) ? -1 : 1))).toMatchObject([
      { rule: 'Merged', text: 'Guest Ada is Guest Bo (PER) now', facts: [], entities: [{ ...ada, into: bo }] },
      {
        rule: 'Newcomers',
        text: 'Guest Ada of PER',
        facts: [],
        entities: [{ ...ada, event: 'entity.created', evidence }],
      },
      { rule: 'Newcomers', text: 'Guest Bo of PER', entities: [bo] },
    ]);
  });

  test('two processes at once send each alert once', async () => {
    const [one, other] = [serviceOf(bed.graph, 'a'), serviceOf(bed.rival, 'b')];
    await one.pass();
    await confirm(20);
    await Promise.all([one.pass(), other.pass()]);
    expect(bed.receiver.received).toHaveLength(20);
    expect(new Set(ids()).size).toBe(20);
  });

  test('all events up to a position are decided on when it is asked for, and those beyond the log are none', async () => {
    const service = serviceOf(bed.graph, 'a');
    await service.pass();
    await confirm(3);
    const last = await bed.graph.reader.lastPosition();
    await Promise.all([service.decideUpTo(last), service.decideUpTo(2), service.decideUpTo(last + 5)]);
    expect((await bed.graph.alerts.head()).position).toBe(last);
    expect(await bed.graph.alerts.deliveries({ state: 'pending', limit: 10 })).toHaveLength(3);
  });

  test('what is decided with rules that have changed since does not count, and a rule that goes is forgotten', async () => {
    const { alerts } = bed.graph;
    const definition = { name: 'Any', when: 'fact.created', novelty: { of: 'link', window: 'forever' } };
    const book = new RuleBook({ file, store: alerts, clock: () => clock.nowMs });
    const service = serviceOf(bed.graph, 'a');
    await service.pass();
    const before = await alerts.head();
    expect(await book.create(definition)).toMatchObject({ name: 'Any', origin: 'api' });
    const late = { ...before, position: 99, put: [], removed: [], alerts: [] };
    expect(await alerts.decide(late)).toBe(false);
    const stored = await alerts.ruleBook();
    expect(stored).toMatchObject({ rules: [{ name: 'Any', definition, createdMs: clock.nowMs }], silences: [] });
    expect((await alerts.head()).rulesRevision).toBe(stored.revision);
    expect(await alerts.changeRules({ revision: stored.revision - 1, removedRules: ['Any'] })).toBe(false);
    const two = [book, new RuleBook({ file, store: bed.rival.alerts })].map((one) =>
      one.create({ ...definition, name: 'Two' }),
    );
    expect((await Promise.all(two)).filter((one) => 'problems' in one)).toMatchObject([
      { problems: [{ code: 'NAME_TAKEN' }] },
    ]);
    await confirm(1);
    await service.pass();
    const log = await alerts.alerts({ rule: 'Any', limit: 10 });
    expect(log).toMatchObject([{ rule: 'Any', type: 'alert.fired' }]);
    const all = await alerts.alerts({ limit: 10 });
    expect(all.map(({ rule }) => rule).sort()).toEqual(['Any', 'Confirmed', 'Two']);
    const places = all.map(({ place }) => place);
    expect(places).toEqual(places.toSorted((a, b) => b - a));
    expect(await alerts.alerts({ before: places[1] as number, limit: 1 })).toEqual([all[2]]);
    expect(await alerts.alertsAfter(places[1] as number, 10)).toEqual([all[0]]);
    expect(await alerts.lastAlertPlace()).toBe(places[0]);
    const seen = JSON.stringify(['seen', 'Any', 'link', ...(log[0]?.subjects ?? []).map(idOfSubject)]);
    expect(await alerts.states([seen])).toHaveLength(1);
    await book.remove('Any');
    expect(await alerts.states([seen])).toEqual([]);
    expect((await book.rules()).map(({ name, origin }) => `${name} ${origin}`)).toEqual([
      'Confirmed file',
      'Merged file',
      'Newcomers file',
      'Two api',
    ]);
  });
});
