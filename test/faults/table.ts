import type { Ledger } from './ledger.ts';

/** What a page says of runs. */
export interface TableNotes {
  /** The command that made them. */
  readonly command: string;
  readonly machine: string;
  readonly at: Date;
}

const HEAD = [
  'fault',
  'runs',
  'posts',
  'missing',
  'double',
  'redelivered',
  'fenced',
  'stale dropped',
  'retried',
  'recovery p50 / p99, s',
];

/** Runs as a table, a row for each fault. */
export function tableOf(ledgers: readonly Ledger[], { command, machine, at }: TableNotes): string {
  const rows = [...new Set(ledgers.map(({ faults }) => faults))].map((fault) =>
    rowOf(
      fault,
      ledgers.filter(({ faults }) => faults === fault),
    ),
  );
  const all = rowOf('all', ledgers);
  const lines = [HEAD, HEAD.map(() => '---'), ...rows, all].map((cells) => `| ${cells.join(' | ')} |`);
  const day = at.toISOString().slice(0, 10);
  return `\`${command}\`, ${day}, ${machine}:\n\n${lines.join('\n')}\n`;
}

function rowOf(name: string, ledgers: readonly Ledger[]): readonly string[] {
  const sum = (of: (ledger: Ledger) => number) => String(ledgers.reduce((total, ledger) => total + of(ledger), 0));
  const recovery = ledgers.flatMap(({ recoveryMs }) => recoveryMs).toSorted((a, b) => a - b);
  return [
    name,
    String(ledgers.length),
    sum(({ acked }) => acked),
    sum(({ missing, lostByBroker, unpublished }) => missing + lostByBroker + unpublished),
    sum((ledger) => ledger.doubleEffects + ledger.doubleEvents + ledger.wrongSupport + ledger.unexpected),
    sum(({ redelivered }) => redelivered),
    sum(({ fenced }) => fenced),
    sum(({ staleDropped }) => staleDropped),
    sum(({ retried }) => retried),
    recovery.length === 0 ? '-' : `${seconds(recovery, 0.5)} / ${seconds(recovery, 0.99)}`,
  ];
}

function seconds(sorted: readonly number[], share: number): string {
  const at = sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return (at / 1000).toFixed(1);
}

const BEGIN = '<!-- last run -->';
const END = '<!-- end of last run -->';

/** Puts a table into a page, in place of the one before. */
export function putInto(page: string, table: string): string {
  const [before, after] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (before < 0 || after < before) throw new Error(`the page has no ${BEGIN} … ${END}`);
  return `${page.slice(0, before + BEGIN.length)}\n${table}${page.slice(after)}`;
}
