import type { Mention, Post } from '../data/rows.ts';
import { kindIndex } from '../graph/palette.ts';
import { changeView, now } from '../state/page.ts';
import { segmentsOf } from '../text/segments.ts';
import { ago, moment, percent, safeAddress } from '../text/words.ts';
import { Pictures } from './pictures.tsx';

/** Longest text that a card shows at once, in UTF-16 code units. */
const LONG = 2000;

/** A post with its entities marked in the text. With `only`, no other spans are marked. */
export function PostCard({ post, only, isNew = false }: { post: Post; only?: readonly Mention[]; isNew?: boolean }) {
  const { author } = post;
  const address = safeAddress(post.url);
  const who = author.name ?? author.handle ?? author.id;
  return (
    <article class={isNew ? 'post is-new' : 'post'}>
      <header>
        <bdi class="who">{who}</bdi>
        {author.handle !== null && author.name !== null && <bdi class="quiet">@{author.handle}</bdi>}
        <span class="quiet">
          {post.platform} · <Age of={post.createdAt} />
        </span>
        {address !== undefined && (
          <a href={address} target="_blank" rel="noopener noreferrer">
            Open<span class="unseen"> the post of {who}</span>
          </a>
        )}
      </header>
      <MarkedText text={post.text} spans={only ?? post.mentions} />
      {post.skipped !== null && <p class="quiet">Not read by the model: {post.skipped.replaceAll('_', ' ')}</p>}
      <Pictures post={post} />
    </article>
  );
}

/** How long ago something was; it grows by itself. */
function Age({ of }: { of: string }) {
  return <time title={moment(of)}>{ago(of, now.value)}</time>;
}

function MarkedText({ text, spans }: { text: string; spans: readonly Mention[] }) {
  const isLong = text.length > LONG;
  return (
    <p class="text" dir="auto">
      {segmentsOf(isLong ? text.slice(0, LONG) : text, spans).map((segment, i) =>
        segment.span === undefined ? (
          <span key={i}>{segment.text}</span>
        ) : (
          <Marked key={i} mention={segment.span} text={segment.text} />
        ),
      )}
      {isLong && <span class="quiet"> … {text.length - LONG} more characters</span>}
    </p>
  );
}

function Marked({ mention, text }: { mention: Mention; text: string }) {
  const { entity, type, confidence } = mention;
  const look = `mark kind-${kindIndex(type)}`;
  const hint = `${type}, ${percent(confidence)}${entity && entity.name !== text ? `: ${entity.name}` : ''}`;
  if (!entity) return <mark class={look}>{text}</mark>;
  return (
    <button type="button" class={look} title={hint} onClick={() => changeView({ selected: entity.id })}>
      {text}
    </button>
  );
}
