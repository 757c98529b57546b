import { type Dispatcher, request } from 'undici';
import { GrapevineError } from '../../errors.ts';
import { listAt, textAt, valueAt } from '../formats/values.ts';
import { beginningOf, connectionErrorOf } from './answers.ts';
import { connectionFault } from './http-lines.ts';

/** A rule of the filtered stream: posts that match it are sent. */
export interface XRule {
  readonly value: string;
  /** Comes back with each post that the rule matched. */
  readonly tag?: string;
}

const MAX_RULES = 1000;
const MAX_RULE_LENGTH = 1024;
const BATCH = 100;
/** 1,000 rules of 1,024 characters and what is around them. */
const ANSWER_LIMIT = 8 << 20;

/**
 * Rules from a file: one a line, an optional tag before it as `tag: rule`, where the tag is one word that is no operator;
 * lines that begin with `#` followed by a space, and empty ones, are left out.
 *
 * @throws {CONFIG_INVALID} for more rules, or longer ones, than X takes.
 */
export function parseXRules(text: string): readonly XRule[] {
  const lines = text.split(/\r?\n/).map((line) => line.trim());
  const rules = lines.filter((line) => line !== '' && line !== '#' && !line.startsWith('# ')).map(parseRule);
  const long = rules.find(({ value }) => value.length > MAX_RULE_LENGTH);
  if (long) throw invalid(`the rule "${long.value.slice(0, 40)}…" has more than ${MAX_RULE_LENGTH} characters`);
  if (rules.length === 0 || rules.length > MAX_RULES)
    throw invalid(`it has ${rules.length} rules; expected 1 to ${MAX_RULES}`);
  return rules;
}

/** `labs: from:newsdesk has:images` has a tag, `from:newsdesk has:images` has none: operators have no space behind them. */
function parseRule(line: string): XRule {
  const [, tag, value] = /^([\w-]+): +(.+)$/.exec(line) ?? [];
  return tag && value ? { value, tag } : { value: line };
}

/** What rules are set with. */
export interface ApplyRulesOptions {
  readonly endpoint: string;
  readonly token: string;
  readonly rules: readonly XRule[];
  readonly dispatcher: Dispatcher;
  readonly silenceMs: number;
  readonly signal: AbortSignal;
}

/** Makes the rules of the stream those given: deletes the others, adds what is missing, leaves what is there. */
export async function applyXRules(options: ApplyRulesOptions): Promise<void> {
  const current = listAt(await ask(options, 'GET'), 10_000, 'data').flatMap((item) => {
    const [id, value] = [textAt(item, 'id'), textAt(item, 'value')];
    return id && value ? [{ id, key: keyOf({ value, ...optionalTag(textAt(item, 'tag')) }) }] : [];
  });
  const wanted = new Map(options.rules.map((rule) => [keyOf(rule), rule]));
  const present = new Set(current.map(({ key }) => key));
  const superfluous = current.filter(({ key }) => !wanted.has(key)).map(({ id }) => id);
  const missing = [...wanted].filter(([key]) => !present.has(key)).map(([, rule]) => rule);
  for (let at = 0; at < superfluous.length; at += BATCH) {
    await ask(options, 'POST', { delete: { ids: superfluous.slice(at, at + BATCH) } });
  }
  for (let at = 0; at < missing.length; at += BATCH) {
    const answer = await ask(options, 'POST', { add: missing.slice(at, at + BATCH) });
    const [problem] = listAt(answer, 1, 'errors');
    if (problem) {
      const why = [textAt(problem, 'title'), textAt(problem, 'value'), ...listAt(problem, 3, 'details')].filter(
        Boolean,
      );
      throw invalid(`X does not take a rule: ${why.join(': ').slice(0, 500)}`);
    }
  }
}

async function ask(options: ApplyRulesOptions, method: 'GET' | 'POST', content?: object): Promise<unknown> {
  const { endpoint, token, dispatcher, silenceMs, signal } = options;
  try {
    const { statusCode, headers, body } = await request(endpoint, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', 'user-agent': 'grapevine' },
      ...(content && { body: JSON.stringify(content) }),
      dispatcher,
      signal,
      headersTimeout: silenceMs,
      bodyTimeout: silenceMs,
    });
    // Rules that X does not take are answered with 400 and what is wrong with each.
    const text = await beginningOf(body, ANSWER_LIMIT);
    const answer = parse(text);
    const explained =
      statusCode === 400 && listAt(answer, 1, 'errors').length > 0 && valueAt(content, 'add') !== undefined;
    if (statusCode !== 200 && statusCode !== 201 && !explained) {
      throw connectionErrorOf(endpoint, { status: statusCode, headers, body: text.slice(0, 4096) });
    }
    return answer;
  } catch (error) {
    throw signal.aborted ? error : connectionFault(endpoint, error, silenceMs);
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function keyOf({ value, tag }: XRule): string {
  return JSON.stringify([value, tag ?? '']);
}

function optionalTag(tag: string | undefined): { readonly tag?: string } {
  return tag === undefined ? {} : { tag };
}

function invalid(what: string): GrapevineError {
  return new GrapevineError('CONFIG_INVALID', `reading the rules of X: ${what}`);
}
