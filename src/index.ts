/** What other programs may rely on: the records that Grapevine reads and writes, and its errors. */

export type { Author } from './domain/author.ts';
export type { Extraction, ExtractorInfo, Mention, Relation } from './domain/extraction.ts';
export type { Fact, GraphEvent, GraphEventKind } from './domain/graph.ts';
export type { ImageOutcome, ImageResult } from './domain/image.ts';
export type { Facet, Post, PostContent, PostRecord, Tombstone } from './domain/post.ts';
export type { AccountEvent, PostEvent, SourceEvent } from './domain/source-event.ts';
export { type ErrorCode, GrapevineError } from './errors.ts';
