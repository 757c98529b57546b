/** Column lists that name a table's columns as the row types do. */

/** Columns of `FactRow`. */
export const FACT_COLUMNS = `id, type, head_id AS headId, tail_id AS tailId, confidence, max_confidence AS maxConfidence,
  evidence_count AS evidenceCount, source_count AS sourceCount, author_count AS authorCount,
  first_seen_ms AS firstSeenMs, last_seen_ms AS lastSeenMs, created_ms AS createdMs`;

/** Columns of `Link`. */
export const LINK_COLUMNS = `id, head_id AS headId, tail_id AS tailId, evidence_count AS evidenceCount,
  last_seen_ms AS lastSeenMs, created_ms AS createdMs`;

/** Columns of `Entity`. */
export const ENTITY_COLUMNS = 'id, type, name, norm_name AS normName, mention_count AS mentionCount';

/** Columns of `StoredMention`. */
export const MENTION_COLUMNS = 'id, post_id AS postId, entity_id AS entityId, start, "end", text, type, p';

/** Columns of `Evidence`. */
export const EVIDENCE_COLUMNS = `id, fact_id AS factId, post_id AS postId, head_mention_id AS headMentionId,
  tail_mention_id AS tailMentionId, p, event_ms AS eventMs, extractor`;
