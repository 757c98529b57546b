import { newPosts, posts } from '../state/stream.ts';
import { PostCard } from './post-card.tsx';

/** The newest posts. */
export function PostStream() {
  if (posts.value.length === 0) return <p class="quiet pad">No posts yet. They show up here as they are read.</p>;
  return (
    <div class="stack">
      {posts.value.map((post) => (
        <PostCard key={post.id} post={post} isNew={newPosts.value.has(post.id)} />
      ))}
    </div>
  );
}
