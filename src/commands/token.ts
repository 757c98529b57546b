import { type Command, InvalidArgumentError } from 'commander';
import { isScope, SCOPES, type Scope } from '../access/caller.ts';
import { isActive, type Token } from '../access/token-store.ts';
import { GrapevineError } from '../errors.ts';
import { openTokens } from '../main.ts';
import { configOf, exitingWith, withJsonOption } from './support/command.ts';
import { formatCount, onOneLine, printLine, tell } from './support/output.ts';
import { parseSpan } from './support/time.ts';

/** Longest name of a token, characters. */
const MAX_NAME = 100;

interface CreateOptions {
  readonly name: string;
  readonly scope: Scope;
  /** Milliseconds. */
  readonly expiresIn?: number;
  readonly json?: boolean;
}

interface ListOptions {
  readonly all?: boolean;
  readonly json?: boolean;
}

/** Adds `grapevine token …`. */
export function addToken(program: Command): void {
  const tokens = program.command('token').description('who may use the API: tokens, kept as hashes in API_TOKENS_DIR');
  const create = tokens
    .command('create')
    .description('make a token and print it, this once')
    .requiredOption('--name <name>', 'what it is for', parseName)
    .option(
      '--scope <scope>',
      `what it allows: ${SCOPES.join(', ')}; each allows those before it, too`,
      parseScope,
      'read',
    )
    .option(
      '--expires-in <span>',
      'time until it ends: 90s, 15m, 24h, 30d; without it, it holds until it is revoked',
      parseSpan,
    )
    .addHelpText('after', '\nExample:\n  $ grapevine token create --name dashboard --expires-in 90d')
    .action(exitingWith(createOne));
  const list = tokens
    .command('list')
    .description('show the tokens that work, the oldest first')
    .option('--all', 'also those that were revoked or have expired')
    .addHelpText('after', '\nExample:\n  $ grapevine token list')
    .action(exitingWith(listThem));
  const revoke = tokens
    .command('revoke')
    .description('end a token, at once and for good, in every process')
    .argument('<id>', 'its id, as "token list" shows it')
    .addHelpText('after', '\nExample:\n  $ grapevine token revoke 3f9c1d2e4b5a')
    .action(exitingWith(revokeOne));
  for (const command of [create, list, revoke]) withJsonOption(command);
}

async function createOne({ name, scope, expiresIn, json }: CreateOptions): Promise<number> {
  const expiresAt = expiresIn === undefined ? undefined : new Date(Date.now() + expiresIn).toISOString();
  const { token, text } = await openTokens(configOf({})).create({ name, scopes: [scope], expiresAt });
  if (json) await printLine(JSON.stringify({ ...token, token: text }));
  else {
    tell(describe(token));
    tell('This is the only time the token is shown:');
    await printLine(text);
  }
  return 0;
}

async function listThem({ all, json }: ListOptions): Promise<number> {
  const tokens = (await openTokens(configOf({})).list()).filter((token) => all || isActive(token));
  for (const token of tokens) await printLine(json ? JSON.stringify(token) : describe(token));
  if (!json) tell(`${formatCount(tokens.length)} tokens`);
  return 0;
}

async function revokeOne(id: string, { json }: { readonly json?: boolean }): Promise<number> {
  const config = configOf({});
  const token = await openTokens(config).revoke(id);
  if (!token) {
    throw new GrapevineError(
      'USAGE',
      `revoking a token: ${config.API_TOKENS_DIR} holds none with the id "${onOneLine(id)}"; "grapevine token list" shows them.`,
    );
  }
  await printLine(json ? JSON.stringify(token) : describe(token));
  return 0;
}

function describe({ id, name, scopes, ending, createdAt, expiresAt, revokedAt }: Token): string {
  const end = revokedAt ? `, revoked ${revokedAt}` : expiresAt ? `, until ${expiresAt}` : '';
  return `${id}  ${onOneLine(name)}: ${scopes.join(', ')}; ends in ${ending}, created ${createdAt}${end}`;
}

function parseName(value: string): string {
  const name = value.trim();
  if (name !== '' && name.length <= MAX_NAME) return name;
  throw new InvalidArgumentError(`expected 1 to ${MAX_NAME} characters`);
}

function parseScope(value: string): Scope {
  if (isScope(value)) return value;
  throw new InvalidArgumentError(`expected ${SCOPES.join(', ')}`);
}
