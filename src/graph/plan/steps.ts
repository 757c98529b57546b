import type { Extraction } from '../../domain/extraction.ts';
import { authorNodeId, postNodeId } from '../../domain/ids.ts';
import type { PostEvent, SourceEvent } from '../../domain/source-event.ts';
import { isVersion } from '../../domain/version.ts';
import { GrapevineError } from '../../errors.ts';
import { resolvePost } from '../resolve/resolve-post.ts';
import type { Flag, Mark } from './marks.ts';
import type { ResolvedPost } from './rows.ts';

/** What one record does: brings a version of a post or its deletion, marks a post or an account, or can have no effect. */
export type Step =
  | { readonly kind: 'post'; readonly id: string; readonly post: ResolvedPost }
  | { readonly kind: 'mark' | 'account'; readonly id: string; readonly mark: Mark }
  | { readonly kind: 'none'; readonly id?: never };

const MARKS: Readonly<Record<Exclude<SourceEvent['event'], 'post.edited'>, readonly [Flag, boolean]>> = {
  'account.deleted': ['deleted', true],
  'account.undeleted': ['deleted', false],
  'account.deactivated': ['deactivated', true],
  'account.suspended': ['suspended', true],
  'account.unsuspended': ['suspended', false],
  'account.takendown': ['takendown', true],
  'account.protected': ['protected', true],
  'account.unprotected': ['protected', false],
  'account.withheld': ['withheld', true],
  'account.active': ['active', true],
  'post.withheld': ['withheld', true],
  'post.dropped': ['hidden', true],
  'post.undropped': ['hidden', false],
};

/** Codes by which X says that something is withheld in all countries. */
const EVERYWHERE: ReadonlySet<string> = new Set(['XX', 'XY']);

/**
 * The step a record stands for. The only one without effect is a `post.edited` that names no version above 0.
 *
 * @throws {GRAPH_REJECTED} when the record contradicts itself: a version, time or mention that does not exist.
 */
export function stepOf(extraction: Extraction): Step {
  const { post } = extraction;
  if (!post.event) return postStep(resolvePost(extraction));
  if (post.event === 'post.edited') return editStep(extraction, post);
  const [flag, isSet] = MARKS[post.event];
  const isAccount = post.id === undefined;
  const id = isAccount ? authorNodeId(post.platform, post.author.id) : postNodeId(post.platform, post.id);
  const isPartial = flag === 'withheld' && isOnlySomewhere(post.countries);
  const mark = { subjectId: id, flag, isSet: isSet && !isPartial, atMs: timeOf(post) };
  return { kind: isAccount ? 'account' : 'mark', id, mark };
}

function postStep(post: ResolvedPost): Step {
  return { kind: 'post', id: post.row.id, post };
}

/** Versions below the one an edit names are out of date: as if they had been deleted. */
function editStep(extraction: Extraction, { id, platform, version = '0' }: PostEvent): Step {
  if (!isVersion(version)) throw refused('post.edited', `its version is ${JSON.stringify(version)}`);
  if (BigInt(version) === 0n) return { kind: 'none' };
  const deletion = { id, platform, version: String(BigInt(version) - 1n), deleted: true } as const;
  return postStep(resolvePost({ ...extraction, post: deletion }));
}

function isOnlySomewhere(countries: readonly string[] = []): boolean {
  return countries.length > 0 && !countries.some((code) => EVERYWHERE.has(code.toUpperCase()));
}

function timeOf({ event, at }: SourceEvent): number {
  const atMs = Date.parse(at);
  if (Number.isNaN(atMs)) throw refused(event, `its time is ${JSON.stringify(at)}`);
  return atMs;
}

function refused(event: string, found: string): GrapevineError {
  return new GrapevineError('GRAPH_REJECTED', `storing ${event}: ${found}, which cannot be; send it again`);
}
