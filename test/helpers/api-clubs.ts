import type { Extraction } from '../../src/domain/extraction.ts';
import { sketch } from './api-extractions.ts';

/** The relation of all facts of these posts. */
export const MEMBER = '/per/org/member_of';

/** Six posts, a minute apart, that make five facts between four people and three clubs. */
export function clubPosts(): readonly Extraction[] {
  const say = (id: number, person: string, club: string, p = 0.8) =>
    sketch({
      id: `${id}`,
      minute: id,
      text: `[${person}|PER] joins [${club}|ORG], writes number ${id} of them`,
      relations: [{ type: MEMBER, head: 0, tail: 1, p }],
    });
  return [
    say(1, 'Ada Lark', 'Orbit FC'),
    say(2, 'Ada Lark', 'Orbit FC'),
    say(3, 'Ben Moss', 'Orbit FC', 0.4),
    say(4, 'Ben Moss', 'Comet AC'),
    say(5, 'Cleo Finch', 'Comet AC'),
    say(6, 'Dora Wren', 'Far Away'),
  ];
}
