import { ask, given, type UserError } from './server.ts';

interface Decided {
  readonly decision: { readonly id: string } | null;
  readonly userErrors: readonly UserError[];
}

const DECIDED = 'decision { id } userErrors { message code }';

/** Decides that two entities are one. Gives the id of the decision. */
export function mergeEntities(from: string, into: string): Promise<string> {
  const query = `mutation ($input: MergeEntitiesInput!) { done: mergeEntities(input: $input) { ${DECIDED} } }`;
  return decide(query, { input: { from, into } });
}

/** Decides that two entities are not one. Gives the id of the decision. */
export function keepApart(one: string, other: string): Promise<string> {
  const query = `mutation ($input: KeepEntitiesApartInput!) { done: keepEntitiesApart(input: $input) { ${DECIDED} } }`;
  return decide(query, { input: { one, other } });
}

/** Decides that a fact is wrong. Gives the id of the decision. */
export function rejectFact(id: string, reason: string): Promise<string> {
  const query = `mutation ($id: ID!, $reason: String) { done: rejectFact(id: $id, reason: $reason) { ${DECIDED} } }`;
  return decide(query, { id, reason: reason === '' ? null : reason });
}

/** Takes a decision back. */
export async function undoDecision(id: string): Promise<void> {
  await decide(`mutation ($id: ID!) { done: undoDecision(id: $id) { ${DECIDED} } }`, { id });
}

async function decide(query: string, variables: object): Promise<string> {
  const { done } = await ask<{ done: Decided }>(query, variables);
  return given(done.decision, done.userErrors).id;
}
