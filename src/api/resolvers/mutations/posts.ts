import type { Extraction, Mention } from '../../../domain/extraction.ts';
import { postNodeId } from '../../../domain/ids.ts';
import type { ApiContext } from '../../context.ts';
import { failed, forget } from './payload.ts';

interface PostArgs {
  readonly input: Readonly<Record<string, unknown>>;
}

/** Mutations of single posts. */
export const postMutations = {
  async submitPost(_: unknown, { input }: PostArgs, context: ApiContext) {
    const result = await context.writing.posts.submit(fieldsOf(input, context));
    forget(context);
    if ('refused' in result) return { userErrors: [result.refused] };
    const { post, kept } = result.taken;
    const postId = postNodeId(post.platform, post.id);
    return { postId, state: kept.toUpperCase(), userErrors: [] };
  },

  async previewPost(_: unknown, { input }: PostArgs, context: ApiContext) {
    const result = await context.writing.posts.preview(fieldsOf(input, context));
    return 'refused' in result ? { userErrors: [result.refused] } : { preview: result.taken, userErrors: [] };
  },

  async deletePost(_: unknown, { id }: { id: string }, context: ApiContext) {
    const post = await context.loaders.posts.load(id);
    if (!post) return failed('id', 'NOT_FOUND', `there is no post ${JSON.stringify(id.slice(0, 80))} in the graph`);
    const { platform, nativeId, author } = post;
    const result = await context.writing.posts.remove({ id: nativeId, platform, author, deleted: true });
    forget(context);
    if ('refused' in result) return { userErrors: [result.refused] };
    return { postId: id, state: result.taken.toUpperCase(), userErrors: [] };
  },
};

/** The answer of a submission shows the post as the graph has it now. */
export const submitPostPayloadResolvers = {
  post: ({ postId }: { postId?: string }, _: unknown, { loaders }: ApiContext) =>
    postId === undefined ? undefined : loaders.posts.load(postId),
};

/** Resolvers of what the model would find. */
export const postPreviewResolvers = {
  text: ({ post }: Extraction) => ('text' in post ? post.text : ''),
  pictures: ({ images }: Extraction) => images,
  relations: ({ relations, mentions }: Extraction) => {
    const byId = new Map(mentions.map((mention) => [mention.id, mention]));
    return relations.map(({ type, p, head, tail }) => ({
      type,
      confidence: p,
      head: byId.get(head),
      tail: byId.get(tail),
    }));
  },
};

/** Resolvers of a span that the model would find. */
export const previewMentionResolvers = {
  confidence: ({ p }: Mention) => p,
  entity: ({ text, type }: Mention, _: unknown, { reader }: ApiContext) => reader.entityByName(text, type),
};

/** A post without an author is by whoever sends it, so that all such posts of one caller are one source. */
function fieldsOf(input: PostArgs['input'], { admission }: ApiContext): Readonly<Record<string, unknown>> {
  const { id = '', name = '' } = admission?.caller ?? {};
  return { ...input, platform: input['platform'] ?? 'native', author: input['author'] ?? { id, name } };
}
