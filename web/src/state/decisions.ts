import { keepApart, mergeEntities, rejectFact, undoDecision } from '../data/decide.ts';
import { readAgain } from './details.ts';
import { attempt, say } from './notice.ts';
import { changeView } from './page.ts';

/** Two entities are one from now on. */
export function accept(from: { id: string; name: string }, into: { id: string; name: string }): void {
  attempt('Merging', async () => {
    const id = await mergeEntities(from.id, into.id);
    changeView({ selected: into.id });
    readAgain();
    say(`${from.name} is ${into.name} now.`, () => takeBack(id));
  });
}

/** Two entities are not one, and nothing suggests it again. */
export function refuse(one: { id: string; name: string }, other: { id: string; name: string }): void {
  attempt('Keeping them apart', async () => {
    const id = await keepApart(one.id, other.id);
    readAgain();
    say(`${one.name} and ${other.name} stay two.`, () => takeBack(id));
  });
}

/** A fact is wrong: it goes. */
export function reject(factId: string, reason: string): void {
  attempt('Rejecting', async () => {
    const id = await rejectFact(factId, reason);
    changeView({ selected: '' });
    say('The fact is rejected; posts that state it do not bring it back.', () => takeBack(id));
  });
}

function takeBack(id: string): void {
  attempt('Taking back', async () => {
    await undoDecision(id);
    readAgain();
    say('Taken back.');
  });
}
