import type { Command } from 'commander';
import type { Ruling } from '../../domain/decision.ts';
import { factId } from '../../domain/ids.ts';
import { GrapevineError } from '../../errors.ts';
import type { GraphReader } from '../../graph/graph-reader.ts';
import { keyOf } from '../../graph/resolve/entity-key.ts';
import { findEntity, findPart, findWhole } from '../../graph/resolve/find-entity.ts';
import { openGraph } from '../../main.ts';
import { configOf, exitingWith, type SettingOptions, withGraphOption, withJsonOption } from '../support/command.ts';
import { formatCount, printLine, tell } from '../support/output.ts';

interface RulingOptions extends SettingOptions {
  readonly type?: string;
  readonly because?: string;
  readonly json?: boolean;
}

type Find = (reader: GraphReader, args: readonly string[], type: string | undefined) => Promise<Ruling>;

/** A command that takes one decision. */
interface RulingCommand {
  readonly name: string;
  readonly does: string;
  readonly args: readonly (readonly [name: string, what: string])[];
  readonly isTyped: boolean;
  readonly more: string;
  readonly find: Find;
}

const AN_ENTITY = 'of the entity, as posts write it, or its id';

const RULINGS: readonly RulingCommand[] = [
  {
    name: 'merge',
    does: 'decide that two entities are one',
    args: [
      ['<from>', `name ${AN_ENTITY}`],
      ['<into>', 'name or id of the one that it is'],
    ],
    isTyped: true,
    more: `
Facts of <from> and of all that was merged into it become facts of <into>; those between the two are hidden.

Examples:
  $ grapevine graph merge "IBM" "International Business Machines" --because "same company"
  $ grapevine graph merge ent_0b1c2d3e4f5a6b7c8d9e0f1a2b3c4d5e "Mara Lindqvist" --graph sqlite:news.db`,
    async find(reader, [from = '', into = ''], type) {
      const doing = 'merging entities';
      const one = await findWhole(reader, { name: from, type, doing });
      return { kind: 'merge', from: keyOf(one), into: keyOf(await findEntity(reader, { name: into, type, doing })) };
    },
  },
  {
    name: 'split',
    does: 'decide that a name which was merged into an entity stands for itself again',
    args: [['<name>', 'that was merged, or its id']],
    isTyped: true,
    more: '\nExample:\n  $ grapevine graph split "IBM" --because "the bank, not the company"',
    async find(reader, [name = ''], type) {
      return { kind: 'split', entity: (await findPart(reader, { name, type, doing: 'splitting an entity' })).part };
    },
  },
  {
    name: 'apart',
    does: 'decide that two entities are not one: nothing suggests it again',
    args: [
      ['<one>', `name ${AN_ENTITY}`],
      ['<other>', 'name or id of the other one'],
    ],
    isTyped: true,
    more: '\nExample:\n  $ grapevine graph apart "Jordan Smith" "Jordan A. Smith" --because "father and son"',
    async find(reader, [one = '', other = ''], type) {
      const doing = 'keeping entities apart';
      const [a, b] = [
        await findEntity(reader, { name: one, type, doing }),
        await findEntity(reader, { name: other, type, doing }),
      ];
      return { kind: 'distinct', a: keyOf(a), b: keyOf(b) };
    },
  },
  {
    name: 'reject',
    does: 'decide that a fact is wrong, whatever posts say',
    args: [
      ['<head>', 'name or id of the entity that the fact is about; or the id of the fact alone'],
      ['[relation]', 'type of the fact'],
      ['[tail]', 'name or id of the other entity'],
    ],
    isTyped: false,
    more: `
Examples:
  $ grapevine graph reject "Mara Lindqvist" /per/org/member_of "Harbour Robotics" --because "a joke"
  $ grapevine graph reject fact_0b1c2d3e4f5a6b7c8d9e0f1a2b3c4d5e`,
    find: findFact,
  },
  {
    name: 'undo',
    does: 'take a decision back; that, too, can be taken back',
    args: [['<decision>', 'its id: `grapevine graph decisions` lists them']],
    isTyped: false,
    more: '\nExample:\n  $ grapevine graph undo dec_3f0e1d6a-7a35-4c55-8a6b-5f4a1b7f1d10',
    find: (_reader, [decisionId = '']) => Promise.resolve({ kind: 'undo', decisionId }),
  },
];

/** Adds `grapevine graph merge`, `split`, `apart`, `reject` and `undo`. */
export function addGraphRulings(graph: Command): void {
  for (const { name, does, args, isTyped, more, find } of RULINGS) {
    const command = graph.command(name).description(does);
    for (const [arg, what] of args) command.argument(arg, what);
    if (isTyped) command.option('--type <type>', 'of the entities, where several have one name');
    command.option('--because <text>', 'why, for those who read the decisions').addHelpText('after', more);
    withJsonOption(withGraphOption(command)).action(
      exitingWith(async (...given: readonly unknown[]) =>
        decide(find, given.slice(0, args.length) as readonly string[], given[args.length] as RulingOptions),
      ),
    );
  }
}

async function decide(find: Find, args: readonly string[], options: RulingOptions): Promise<number> {
  await using graph = await openGraph(configOf(options), { mustExist: true });
  const ruling = await find(graph.reader, args, options.type);
  const reason = options.because === undefined ? {} : { reason: options.because };
  const { decision, posts } = await graph.store.decide(ruling, reason);
  if (options.json) await printLine(JSON.stringify({ ...decision, posts }));
  else {
    await printLine(decision.id);
    tell(`decided; ${formatCount(posts)} posts are read anew. Back: grapevine graph undo ${decision.id}`);
  }
  return 0;
}

async function findFact(reader: GraphReader, [head = '', relation, tail]: readonly string[]): Promise<Ruling> {
  const doing = 'rejecting a fact';
  if (relation === undefined && !head.startsWith('fact_'))
    throw new GrapevineError('USAGE', `${doing}: give its id, or head, relation and tail`);
  const id = relation === undefined ? head : await idOfFact(reader, head, relation, tail ?? '');
  const [fact] = await reader.factsById([id]);
  if (fact) return { kind: 'reject', headId: fact.headId, type: fact.type, tailId: fact.tailId };
  throw new GrapevineError('USAGE', `${doing}: the graph holds no such fact ${id}`);
}

async function idOfFact(reader: GraphReader, head: string, relation: string, tail: string): Promise<string> {
  const doing = 'rejecting a fact';
  const [one, other] = [
    await findEntity(reader, { name: head, doing }),
    await findEntity(reader, { name: tail, doing }),
  ];
  return factId(one.id, relation, other.id);
}
