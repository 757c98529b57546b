import type { ToldEntity, ToldEvent } from '../data/alerts.ts';
import { counted, percent, relationWords } from '../text/words.ts';

/** What happened to a link, in a line. */
export function EventLine({ event: { fact, head, tail, kind } }: { event: ToldEvent }) {
  return (
    <span>
      <bdi>{head.name}</bdi> <em>{relationWords(fact.type)}</em> <bdi>{tail.name}</bdi>{' '}
      <span class="quiet">{kind === 'RETRACTED' ? 'retracted' : percent(fact.confidence)}</span>
    </span>
  );
}

/** Longest part of a post in a line, UTF-16 code units. */
const SNIPPET = 140;

/** What happened to an entity, in a line. */
export function EntityLine({ event: { kind, entity, other, post, spike } }: { event: ToldEntity }) {
  const { author } = post ?? {};
  if (kind === 'PAIR_MENTIONED' || spike) {
    return (
      <span>
        <bdi>{entity?.name}</bdi> {other && <em>and </em>}
        {other && <bdi>{other.name}</bdi>} <em>{other ? 'are mentioned together' : 'is mentioned'}</em>{' '}
        {spike && (
          <span class="quiet">
            {counted(spike.mentions, 'time')}, usual are {spike.usual}
          </span>
        )}
      </span>
    );
  }
  return (
    <span>
      <bdi>{entity?.name}</bdi> <span class="quiet">{entity?.type}</span> <em>{wordsOf(kind)}</em>{' '}
      {other && <bdi>{other.name}</bdi>}
      {kind === 'ENTITY_MENTIONED' && post && (
        <span class="quiet">
          by <bdi>{author?.name ?? author?.id}</bdi>: <bdi>{post.text.slice(0, SNIPPET)}</bdi>
          {post.text.length > SNIPPET && '…'}
        </span>
      )}
    </span>
  );
}

function wordsOf(kind: string): string {
  switch (kind) {
    case 'ENTITY_MERGED':
      return 'is part now of';
    case 'ENTITY_SPLIT':
      return 'is part no more of';
    case 'ENTITY_MENTIONED':
      return 'is mentioned';
    default:
      return 'is new';
  }
}
