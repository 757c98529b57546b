import type { ToldEvent } from '../data/alerts.ts';
import { percent, relationWords } from '../text/words.ts';

/** What happened to a link, in a line. */
export function EventLine({ event: { fact, head, tail, kind } }: { event: ToldEvent }) {
  return (
    <span>
      <bdi>{head.name}</bdi> <em>{relationWords(fact.type)}</em> <bdi>{tail.name}</bdi>{' '}
      <span class="quiet">{kind === 'RETRACTED' ? 'retracted' : percent(fact.confidence)}</span>
    </span>
  );
}
