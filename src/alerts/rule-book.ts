import { randomUUID } from 'node:crypto';
import { GrapevineError } from '../errors.ts';
import type {
  AlertRuleStore,
  DisabledChannel,
  RuleBookChange,
  Silence,
  StoredRule,
  StoredRuleBook,
} from '../graph/alert-rules.ts';
import type { AlertStore } from '../graph/alert-store.ts';
import { type AlertRule, type AlertRules, MAX_RULES, type RuleProblem, readRule } from './rule.ts';

/** A rule of the book, and where it comes from. */
export interface BookRule {
  readonly name: string;
  /** A rule of the file is changed in the file. */
  readonly origin: 'file' | 'api';
  /** Undefined where the rule cannot be used, for the reason `fault`: what it names has gone from the file since. */
  readonly rule: AlertRule | undefined;
  readonly fault?: string;
  /** Plain data, as a file of rules would hold it. */
  readonly definition: unknown;
  /** Epoch milliseconds; null of a rule of the file. */
  readonly createdMs: number | null;
  readonly updatedMs: number | null;
}

/** What alerts are decided with. */
export interface RuleSet {
  readonly rules: readonly AlertRule[];
  readonly silences: readonly Silence[];
  /** Names of channels that nothing is sent to. */
  readonly disabled: ReadonlySet<string>;
}

/** What is wrong with a rule or a silence that somebody wants, or why it cannot be changed. */
export interface BookRefusal {
  readonly problems: readonly (RuleProblem & { readonly code: RefusalCode })[];
}

export type RefusalCode =
  | 'INVALID_RULE'
  | 'NAME_TAKEN'
  | 'NAME_IS_IDENTITY'
  | 'FROM_FILE'
  | 'NOT_FOUND'
  | 'TOO_MANY'
  | 'INVALID_SILENCE';

/** What a silence is made from. */
export type SilenceDraft = Pick<Silence, 'rule' | 'entityIds' | 'startsMs' | 'endsMs' | 'reason'>;

/** How the book works. */
export interface RuleBookOptions {
  /** Rules, channels and watchlists of the file. */
  readonly file: AlertRules;
  readonly store: AlertRuleStore & Pick<AlertStore, 'head'>;
  /** @default Date.now */
  readonly clock?: () => number;
}

/** No file of rules: only rules that are made over the API. */
export const NO_RULES: AlertRules = { rules: [], channels: new Map(), watchlists: new Map() };

/** There is nothing to change. */
const DONE: BookRefusal = { problems: [] };

/** Times that a change is tried again because somebody else changed the book meanwhile. */
const ATTEMPTS = 20;
const MAX_SILENCES = 1_000;
const MAX_SILENCED_ENTITIES = 100;
const MAX_SILENCE_MS = 366 * 86_400_000;
const MAX_REASON = 2_000;

/** All alert rules that hold: those of the file, and those that were made over the API and stand beside the graph. */
export class RuleBook {
  readonly #file: AlertRules;
  readonly #store: RuleBookOptions['store'];
  readonly #clock: () => number;
  #listed: { readonly revision: number; readonly rules: readonly BookRule[] } | undefined;
  #known: { readonly revision: number; readonly set: Promise<RuleSet> } | undefined;

  constructor({ file, store, clock = Date.now }: RuleBookOptions) {
    this.#file = file;
    this.#store = store;
    this.#clock = clock;
  }

  /** Channels that rules can name. */
  get channels(): AlertRules['channels'] {
    return this.#file.channels;
  }

  /** Lists that filters can name; undefined where there is no file of rules. */
  get watchlists(): AlertRules['watchlists'] | undefined {
    return this.#file === NO_RULES ? undefined : this.#file.watchlists;
  }

  /** What holds at a revision of the stored rules, or a later one: who decides with it finds out by the revision. */
  at(revision: number): Promise<RuleSet> {
    if (this.#known?.revision === revision) return this.#known.set;
    const set = this.#read();
    const known = { revision, set };
    this.#known = known;
    set.catch(() => {
      if (this.#known === known) this.#known = undefined;
    });
    return set;
  }

  /** All rules by name, also those that cannot be used. Looked through again only when they have changed. */
  async rules(): Promise<readonly BookRule[]> {
    const { rulesRevision } = await this.#store.head();
    if (this.#listed?.revision !== rulesRevision) {
      const book = await this.#store.ruleBook();
      this.#listed = { revision: book.revision, rules: this.#bookRules(book) };
    }
    return this.#listed.rules;
  }

  /** Silences, those that end first at the beginning; over ones only until the next is made. */
  async silences(): Promise<readonly Silence[]> {
    const { silences } = await this.#store.ruleBook();
    return silences.toSorted((a, b) => a.endsMs - b.endsMs || (a.id < b.id ? -1 : 1));
  }

  /** Checks a rule that is not to be kept. */
  check(definition: unknown): AlertRule | BookRefusal {
    const read = readRule(definition, this.#file);
    return 'problems' in read ? refusal('INVALID_RULE', read.problems) : read;
  }

  /** Adds a rule: events from now on are judged by it. */
  create(definition: unknown): Promise<BookRule | BookRefusal> {
    return this.#change((book) => {
      const rule = this.check(definition);
      if ('problems' in rule) return rule;
      const { name } = rule;
      if (this.#isTaken(name, book))
        return refuse('NAME_TAKEN', ['name'], `there is a rule "${name}" already; a name is a rule's identity`);
      if (book.rules.length >= MAX_RULES)
        return refuse('TOO_MANY', [], `there are ${book.rules.length} rules; delete one that is not needed`);
      const nowMs = this.#clock();
      const stored = { name, definition, createdMs: nowMs, updatedMs: nowMs };
      return { change: { putRules: [stored] }, result: bookRule(stored, rule) };
    });
  }

  /** Replaces a rule. What it remembers stays, unless it waits for something else now. */
  update(name: string, definition: unknown): Promise<BookRule | BookRefusal> {
    return this.#change((book) => {
      const found = this.#changeable(book, name);
      if ('problems' in found) return found;
      const rule = this.check(definition);
      if ('problems' in rule) return rule;
      if (rule.name !== name)
        return refuse('NAME_IS_IDENTITY', ['name'], `a rule keeps its name, "${name}"; make a new one and delete this`);
      const stored = { ...found, definition, updatedMs: this.#clock() };
      const isOther = (found.definition as { readonly when?: unknown }).when !== rule.when;
      // What it remembers is of what it waited for.
      const change = { putRules: [stored], ...(isOther && { removedRules: [name] }) };
      return { change, result: bookRule(stored, rule) };
    });
  }

  /** Removes a rule with all that it remembers. What it has fired is sent all the same. */
  remove(name: string): Promise<StoredRule | BookRefusal> {
    return this.#change((book) => {
      const found = this.#changeable(book, name);
      return 'problems' in found ? found : { change: { removedRules: [name] }, result: found };
    });
  }

  /** Keeps alerts from being sent for a time. */
  silence(draft: SilenceDraft): Promise<Silence | BookRefusal> {
    return this.#change((book) => {
      const nowMs = this.#clock();
      const problems = [...this.#silenceProblems(draft, book, nowMs)];
      if (problems.length > 0) return refusal('INVALID_SILENCE', problems);
      const over = book.silences.filter(({ endsMs }) => endsMs < nowMs).map(({ id }) => id);
      if (book.silences.length - over.length >= MAX_SILENCES)
        return refuse('TOO_MANY', [], `there are ${MAX_SILENCES} silences; end one that is not needed`);
      const silence = { ...draft, id: `sil_${randomUUID().replaceAll('-', '')}`, createdMs: nowMs };
      return { change: { putSilences: [silence], removedSilences: over }, result: silence };
    });
  }

  /** Ends a silence: what fires from now on is sent. What it has kept back is not sent later. */
  endSilence(id: string): Promise<Silence | BookRefusal> {
    return this.#change(({ silences }) => {
      const found = silences.find((one) => one.id === id);
      if (!found) return refuse('NOT_FOUND', ['id'], 'there is no such silence, or it is over');
      return { change: { removedSilences: [id] }, result: found };
    });
  }

  /** Channels that nothing is sent to, by name. */
  async disabledChannels(): Promise<ReadonlyMap<string, DisabledChannel>> {
    const { disabledChannels } = await this.#store.ruleBook();
    return new Map(disabledChannels.map((one) => [one.channel, one]));
  }

  /** Sends nothing to a channel any more; false where that was so. */
  async disableChannel(channel: string, outcome: string): Promise<boolean> {
    const isChanged = await this.#change((book) => {
      if (book.disabledChannels.some((one) => one.channel === channel)) return DONE;
      return { change: { disabledChannels: [{ channel, outcome, atMs: this.#clock() }] }, result: true };
    });
    return isChanged === true;
  }

  /** Sends to a channel again; what has failed meanwhile can be replayed. */
  enableChannel(channel: string): Promise<string | BookRefusal> {
    return this.#change(({ disabledChannels }) => {
      if (disabledChannels.some((one) => one.channel === channel))
        return { change: { enabledChannels: [channel] }, result: channel };
      return refuse('NOT_FOUND', ['channel'], 'no such channel is disabled');
    });
  }

  async #read(): Promise<RuleSet> {
    const book = await this.#store.ruleBook();
    const disabled = new Set(book.disabledChannels.map(({ channel }) => channel));
    return { rules: this.#bookRules(book).flatMap(({ rule }) => rule ?? []), silences: book.silences, disabled };
  }

  #bookRules({ rules }: StoredRuleBook): readonly BookRule[] {
    const ofFile = this.#file.rules.map((rule): BookRule => {
      const { name, definition } = rule;
      return { name, origin: 'file', rule, definition, createdMs: null, updatedMs: null };
    });
    const taken = new Set(ofFile.map(({ name }) => name));
    const stored = rules.map((one) => {
      if (taken.has(one.name)) return bookRule(one, undefined, 'the file of rules has a rule of this name');
      const read = readRule(one.definition, this.#file);
      return 'problems' in read ? bookRule(one, undefined, textOf(read.problems)) : bookRule(one, read);
    });
    return [...ofFile, ...stored].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  }

  #isTaken(name: string, { rules }: StoredRuleBook): boolean {
    return [...this.#file.rules, ...rules].some((one) => one.name === name);
  }

  #changeable({ rules }: StoredRuleBook, name: string): StoredRule | BookRefusal {
    const found = rules.find((one) => one.name === name);
    if (found) return found;
    const isOfFile = this.#file.rules.some((one) => one.name === name);
    if (!isOfFile) return refuse('NOT_FOUND', ['id'], 'there is no such rule');
    return refuse('FROM_FILE', ['id'], `"${name}" stands in the file of rules; change it there`);
  }

  *#silenceProblems({ rule, entityIds, startsMs, endsMs, reason }: SilenceDraft, book: StoredRuleBook, nowMs: number) {
    if (rule !== null && !this.#isTaken(rule, book)) yield { path: ['rule'], message: 'there is no such rule' };
    if (entityIds.length > MAX_SILENCED_ENTITIES)
      yield {
        path: ['entities'],
        message: `there are ${entityIds.length} entities; give ${MAX_SILENCED_ENTITIES} at most`,
      };
    if (endsMs <= Math.max(nowMs, startsMs))
      yield { path: ['endsAt'], message: 'it is over before it begins; give a time that is to come' };
    if (endsMs - startsMs > MAX_SILENCE_MS) yield { path: ['endsAt'], message: 'a silence is no longer than a year' };
    if (reason !== null && reason.length > MAX_REASON)
      yield { path: ['reason'], message: `it has ${reason.length} characters; ${MAX_REASON} at most are kept` };
  }

  async #change<T>(
    decide: (book: StoredRuleBook) => { change: Omit<RuleBookChange, 'revision'>; result: T } | BookRefusal,
  ): Promise<T | BookRefusal> {
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      const book = await this.#store.ruleBook();
      const decided = decide(book);
      if ('problems' in decided) return decided;
      if (await this.#store.changeRules({ ...decided.change, revision: book.revision })) return decided.result;
    }
    throw new GrapevineError('GRAPH_TRANSIENT', 'changing alert rules: others change them all the time; try again');
  }
}

function bookRule(
  { name, definition, createdMs, updatedMs }: StoredRule,
  rule: AlertRule | undefined,
  fault?: string,
): BookRule {
  return { name, origin: 'api', rule, definition, createdMs, updatedMs, ...(fault !== undefined && { fault }) };
}

function refusal(code: RefusalCode, problems: readonly RuleProblem[]): BookRefusal {
  return { problems: problems.map((problem) => ({ ...problem, code })) };
}

function refuse(code: RefusalCode, path: RuleProblem['path'], message: string): BookRefusal {
  return refusal(code, [{ path, message }]);
}

function textOf(problems: readonly RuleProblem[]): string {
  return problems.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ');
}
