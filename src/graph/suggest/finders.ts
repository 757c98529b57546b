import type { Entity } from '../../domain/graph.ts';
import type { GraphReader } from '../graph-reader.ts';
import { externalIdsOf } from '../plan/about.ts';
import { initialsOf, isAcronym } from '../resolve/initials.ts';
import { normalise } from '../resolve/normalise.ts';
import { findPartOfName } from './find-part-of-name.ts';
import type { Hint } from './hint.ts';

type Finder = (reader: GraphReader, entity: Entity) => Promise<readonly Hint[]>;

/** Facts that are looked through for one reason. */
const MAX_FACTS = 50;

const SCORES = { handle: 0.9, handleOfOtherType: 0.6, acronym: 0.6, externalId: 0.97 };

/** Handles as platforms allow them, so that both databases fold their case alike. */
const HANDLE = /^[a-z0-9_.-]+$/;

const findOtherTypes: Finder = async (reader, entity) => {
  const namesakes = await reader.entitiesNamed([entity.normName]);
  return namesakes.map((other) => {
    const [few, many] = [entity.mentionCount, other.mentionCount].sort((a, b) => a - b) as [number, number];
    const detail = `both are called ${entity.normName}, ${many} mentions against ${few}`;
    return { other, reason: { kind: 'other_type', score: rounded(many / (many + few)), detail } };
  });
};

/** Only relations that say so of two entities of one type, as HVPNeT's do: `/per/per/alternate_names`. */
const findAlternateNames: Finder = async (reader, entity) => {
  const type = entity.type.toLowerCase();
  const query = { entityId: entity.id, type: `/${type}/${type}/alternate_names` };
  const { items } = await reader.facts(query, { first: MAX_FACTS });
  const facts = items.map(({ node }) => node);
  const others = await reader.entitiesById(
    facts.map((fact) => (fact.headId === entity.id ? fact.tailId : fact.headId)),
  );
  return facts.flatMap((fact, index) => {
    const other = others[index];
    const detail = `${count(fact.evidenceCount, 'post')} of ${count(fact.sourceCount, 'source')} say so`;
    return other ? [{ other, reason: { kind: 'alternate_names', score: rounded(fact.confidence), detail } }] : [];
  });
};

const findHandles: Finder = async (reader, entity) => {
  const surfaces = (await reader.surfacesOf(entity.id)).map(({ text }) => text);
  const handles = [...new Set(surfaces.map((text) => text.replace(/^@+/, '').toLowerCase()))].filter((text) =>
    HANDLE.test(text),
  );
  const accounts = await reader.accounts({ handles, names: surfaces });
  const hints = accounts.map(async ({ platform, handle, name }) => {
    const [handleName, fullName] = [normalise(handle), normalise(name)];
    const isHandle = handleName === entity.normName;
    if (handleName === fullName || !(isHandle || fullName === entity.normName)) return [];
    const others = await reader.entitiesNamed([isHandle ? fullName : handleName]);
    return others.map((other): Hint => {
      const score = other.type === entity.type ? SCORES.handle : SCORES.handleOfOtherType;
      const detail = `the account @${handle.replace(/^@+/, '')} on ${platform} calls itself ${name}`;
      return { other, fuller: isHandle ? other : entity, reason: { kind: 'handle', score, detail } };
    });
  });
  return (await Promise.all(hints)).flat();
};

const findAcronyms: Finder = async (reader, entity) => {
  const hint = (other: Entity, short: Entity, fuller: Entity): Hint => {
    const detail = `${short.name} is the acronym of ${fuller.name} and of no other ${entity.type}`;
    return { other, fuller, reason: { kind: 'acronym', score: SCORES.acronym, detail } };
  };
  if (isAcronym(entity)) {
    const [fuller, ...more] = await reader.entitiesByInitials(entity.normName, entity.type);
    return fuller && more.length === 0 ? [hint(fuller, entity, fuller)] : [];
  }
  const initials = initialsOf(entity.normName);
  if (initials === undefined) return [];
  const [all, short] = await Promise.all([
    reader.entitiesByInitials(initials, entity.type),
    reader.entitiesNamed([initials], entity.type),
  ]);
  return all.length === 1 ? short.filter(isAcronym).map((other) => hint(other, other, entity)) : [];
};

const findExternalIds: Finder = async (reader, entity) => {
  const ids = externalIdsOf(await reader.decisionsAbout([entity.id]), [entity.id]);
  const hints = ids.map(async (externalId): Promise<readonly Hint[]> => {
    const log = await reader.decisionsAbout([externalId]);
    const named = log.flatMap((decision) => (decision.kind === 'identify' ? [decision.entity.id] : []));
    const held = named.filter((id) => externalIdsOf(log, [id]).includes(externalId));
    const others = (await reader.entitiesById(held)).filter((other) => other !== undefined);
    const reason = { kind: 'external_id' as const, score: SCORES.externalId, detail: `both are ${externalId}` };
    return others.map((other) => ({ other, reason }));
  });
  return (await Promise.all(hints)).flat();
};

/** What looks for reasons. */
export const FINDERS: readonly Finder[] = [
  findOtherTypes,
  findAlternateNames,
  findHandles,
  findAcronyms,
  findExternalIds,
  findPartOfName,
];

function rounded(score: number): number {
  return Math.round(score * 1e4) / 1e4;
}

function count(number: number, thing: string): string {
  return `${number} ${thing}${number === 1 ? '' : 's'}`;
}
