import type { ToldEntity, ToldEvent } from '../data/alerts.ts';
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

/** What happened to an entity, in a line. */
export function EntityLine({ event: { kind, entity, other } }: { event: ToldEntity }) {
  return (
    <span>
      <bdi>{entity?.name}</bdi> <span class="quiet">{entity?.type}</span>{' '}
      <em>{kind === 'ENTITY_MERGED' ? 'is part now of' : kind === 'ENTITY_SPLIT' ? 'is part no more of' : 'is new'}</em>{' '}
      {other && <bdi>{other.name}</bdi>}
    </span>
  );
}
