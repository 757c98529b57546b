import { isHeld, newPosts, posts } from '../state/stream.ts';
import { PostCard } from './post-card.tsx';

/** The newest posts. */
export function PostStream() {
  if (posts.value.length === 0) return <p class="quiet pad">No posts yet. They show up here as they are read.</p>;
  return (
    <div class="stack" onPointerEnter={() => hold(true)} onPointerLeave={() => hold(false)}>
      {posts.value.map((post) => (
        <PostCard key={post.id} post={post} isNew={newPosts.value.has(post.id)} />
      ))}
    </div>
  );
}

function hold(isPointedAt: boolean): void {
  isHeld.value = isPointedAt;
}
