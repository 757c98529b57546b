import type { Entity, Region } from './rows.ts';
import { ask, given, server, type UserError } from './server.ts';

/** A span that the model takes for the name of something. */
export interface PreviewMention {
  readonly text: string;
  readonly start: number;
  readonly end: number;
  readonly type: string;
  readonly confidence: number;
  /** What the graph knows under this name. */
  readonly entity: Entity | null;
}

/** What the model finds in a post that nobody keeps. */
export interface Preview {
  readonly text: string;
  readonly mentions: readonly PreviewMention[];
  readonly relations: readonly {
    readonly type: string;
    readonly confidence: number;
    readonly head: { readonly text: string };
    readonly tail: { readonly text: string };
  }[];
  readonly pictures: readonly { readonly outcome: string; readonly regions: readonly Region[] }[];
  readonly skipped: string | null;
}

/** Has the model read a text and a picture, and keeps nothing. */
export async function previewPost(text: string, picture: File | undefined): Promise<Preview> {
  const images = picture ? [(await server().upload(picture)).reference] : [];
  const query = `mutation ($input: PostInput!) { previewPost(input: $input) { userErrors { message code } preview {
    text skipped pictures { outcome regions { left top right bottom } } mentions { text start end type confidence entity { id name type } }
    relations { type confidence head { text } tail { text } } } } }`;
  type Answer = {
    readonly previewPost: { readonly preview: Preview | null; readonly userErrors: readonly UserError[] };
  };
  const { previewPost } = await ask<Answer>(query, { input: { text, images } });
  return given(previewPost.preview, previewPost.userErrors);
}
