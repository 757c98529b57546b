import { createHash } from 'node:crypto';
import type { BookRule, RuleBook } from '../../../alerts/rule-book.ts';

/** Id of a rule: its name is its identity. */
export function alertRuleId(name: string): string {
  return `rule_${createHash('sha256').update(name).digest('hex').slice(0, 32)}`;
}

/** The rule with an id; undefined where there is none. */
export async function findAlertRule(book: RuleBook, id: string): Promise<BookRule | undefined> {
  return (await book.rules()).find(({ name }) => alertRuleId(name) === id);
}
