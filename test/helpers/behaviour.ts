import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Extraction, Mention, Relation, SkipReason } from '../../src/domain/extraction.ts';

/** Posts of our own with what a person finds in them, and the recorded pass rates. */
export const BEHAVIOUR = fileURLToPath(new URL('../fixtures/behaviour', import.meta.url));

type Span = Pick<Mention, 'start' | 'end' | 'text' | 'type'>;
type Link = Pick<Relation, 'type' | 'head' | 'tail'>;

/** Something to be found: itself, or one of the others that a person may as well say. */
type Expected<T> = T & { readonly or?: readonly T[]; readonly optional?: true };

/** A post and what a person finds in it; heads and tails are places in `mentions`. */
export interface BehaviourCase {
  readonly id: string;
  readonly group: string;
  readonly text: string;
  readonly lang?: string;
  /** Names of pictures in test/fixtures/golden/image-transform. */
  readonly images?: readonly string[];
  readonly mentions: readonly Expected<Span>[];
  readonly relations: readonly Expected<Link>[];
  readonly skipped?: SkipReason;
}

/** Whether everything was found and nothing else. */
export interface Verdict {
  readonly mentions: boolean;
  readonly relations: boolean;
}

/** Numbers of cases: all, with the right mentions, with the right relations. */
export interface PassRate {
  readonly cases: number;
  readonly mentions: number;
  readonly relations: number;
}

/** The cases in the order of the file. */
export function readCases(): BehaviourCase[] {
  const lines = readFileSync(`${BEHAVIOUR}/cases.jsonl`, 'utf8').trim().split('\n');
  return lines.map((line) => JSON.parse(line) as BehaviourCase);
}

/** A case as a post in the native format. */
export function postOf({ id, text, lang, images }: BehaviourCase): object {
  const author = { id: 'behaviour' };
  return { id, platform: 'x', text, author, createdAt: '2026-01-01T00:00:00Z', ...(lang && { lang }), images };
}

/** Compares what the service made of a case with what a person finds. Relations are judged by their ends' spans. */
export function judge(expected: BehaviourCase, found: Extraction): Verdict {
  if (found.skipped !== expected.skipped) return { mentions: false, relations: false };
  const isSpan = (want: Span, got: Span) => want.start === got.start && want.end === got.end && want.type === got.type;
  const isEnd = (want: number, got: number) => {
    const mention = found.mentions[got] as Span;
    return choices(expected.mentions[want]).some(({ start, end }) => start === mention.start && end === mention.end);
  };
  const isLink = (want: Link, got: Relation) => {
    if (want.type !== got.type) return false;
    if (isEnd(want.head, got.head) && isEnd(want.tail, got.tail)) return true;
    return got.symmetric === true && isEnd(want.head, got.tail) && isEnd(want.tail, got.head);
  };
  return {
    mentions: agree(expected.mentions, found.mentions, isSpan),
    relations: agree(expected.relations, found.relations, isLink),
  };
}

/** Pass rates of each group, in the order of the cases, and of all. */
export function passRates(cases: readonly BehaviourCase[], verdicts: readonly Verdict[]): Record<string, PassRate> {
  const rates: Record<string, PassRate> = {};
  const add = (name: string, { mentions, relations }: Verdict) => {
    const old = rates[name] ?? { cases: 0, mentions: 0, relations: 0 };
    rates[name] = {
      cases: old.cases + 1,
      mentions: old.mentions + Number(mentions),
      relations: old.relations + Number(relations),
    };
  };
  cases.forEach(({ group }, i) => add(group, verdicts[i] as Verdict));
  for (const verdict of verdicts) add('all', verdict);
  return rates;
}

/** Pass rates as lines of text. */
export function passTable(rates: Readonly<Record<string, PassRate>>): string[] {
  const share = (part: number, { cases }: PassRate) =>
    `${part}/${cases} ${Math.round((100 * part) / cases)} %`.padStart(16);
  return [
    `${'group'.padEnd(24)}${'mentions right'.padStart(16)}${'relations right'.padStart(16)}`,
    ...Object.entries(rates).map(
      ([name, rate]) => `${name.padEnd(24)}${share(rate.mentions, rate)}${share(rate.relations, rate)}`,
    ),
  ];
}

/** Every required thing is found, and everything found is expected, each by another one. */
function agree<W, G>(wanted: readonly Expected<W>[], found: readonly G[], same: (want: W, got: G) => boolean): boolean {
  const matches = (want: Expected<W>, got: G) => choices(want).some((choice) => same(choice, got));
  const complete = wanted.every((want) => want.optional || found.some((got) => matches(want, got)));
  return complete && found.every((got) => wanted.some((want) => matches(want, got)));
}

function choices<T>(expected: Expected<T> | undefined): T[] {
  return expected ? [expected, ...(expected.or ?? [])] : [];
}
