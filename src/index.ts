/** What other programs may rely on: a client of the API, the records that Grapevine reads and writes, and its errors. */

export {
  GrapevineClient,
  type GrapevineClientOptions,
  type Operation,
  type RequestOptions,
  type SubscribeOptions,
  type UploadedImage,
} from './client/grapevine-client.ts';
export { RequestError, type ServerError } from './client/request-error.ts';
export type { Author } from './domain/author.ts';
export type { Extraction, ExtractorInfo, Mention, Relation } from './domain/extraction.ts';
export type { EntityEvent, Fact, FactEvent, GraphEvent, GraphEventKind } from './domain/graph.ts';
export type { ImageOutcome, ImageResult } from './domain/image.ts';
export type { Facet, Post, PostContent, PostRecord, Tombstone } from './domain/post.ts';
export type { AccountEvent, PostEvent, SourceEvent } from './domain/source-event.ts';
export { type ErrorCode, GrapevineError } from './errors.ts';
