import type { VNode } from 'preact';
import { useEffect } from 'preact/hooks';
import type { Post } from '../data/rows.ts';
import { isHeld, newPosts, posts } from '../state/stream.ts';
import { PostCard } from './post-card.tsx';

/** Cards by the post they show: a card that stays is not made anew with each that comes. */
const cards = new WeakMap<Post, { readonly isNew: boolean; readonly card: VNode }>();

/** The newest posts. */
export function PostStream() {
  // What goes while somebody points at it is not left.
  useEffect(() => () => hold(false), []);
  if (posts.value.length === 0) return <p class="quiet pad">No posts yet. They show up here as they are read.</p>;
  return (
    <div class="stack" onPointerEnter={() => hold(true)} onPointerLeave={() => hold(false)}>
      {posts.value.map((post) => cardOf(post, newPosts.value.has(post.id)))}
    </div>
  );
}

function cardOf(post: Post, isNew: boolean): VNode {
  const known = cards.get(post);
  if (known?.isNew === isNew) return known.card;
  const card = <PostCard key={post.id} post={post} isNew={isNew} />;
  cards.set(post, { isNew, card });
  return card;
}

function hold(isPointedAt: boolean): void {
  isHeld.value = isPointedAt;
}
