import type { Evidence, FactDetail } from '../data/details.ts';
import type { Fact } from '../data/rows.ts';
import { counted, moment, percent, relationWords } from '../text/words.ts';
import { EntityName } from './names.tsx';
import { PostCard } from './post-card.tsx';
import { RejectForm } from './reject-form.tsx';
import { WatchButton } from './watch-button.tsx';

/** A link and everything that supports it. */
export function FactPanel({ link }: { link: FactDetail }) {
  const { fact, head, tail, evidence, createdAt } = link;
  return (
    <div class="detail">
      <h2>
        <EntityName entity={head} /> <span class="relation">{relationWords(fact.type)}</span>{' '}
        <EntityName entity={tail} />
      </h2>
      <p class="quiet">
        {fact.type} · in the graph since {moment(createdAt)} · last said {moment(fact.lastSeenMs)}
      </p>
      <h3>How sure</h3>
      <p>
        <meter min={0} max={1} value={fact.confidence} aria-label="Confidence" />{' '}
        <strong>{percent(fact.confidence)}</strong>
      </p>
      <p>{whySoSure(fact, evidence)}</p>
      <p class="actions">
        <WatchButton subject={{ kind: 'link', link }} />
      </p>
      <RejectForm factId={fact.id} />
      <h3>{counted(evidence.length, 'piece')} of evidence</h3>
      <div class="stack">
        {evidence.map((one) => (
          <EvidenceCard key={one.id} evidence={one} />
        ))}
      </div>
      {fact.evidenceCount > evidence.length && (
        <p class="quiet">
          The first {evidence.length} of {fact.evidenceCount}.
        </p>
      )}
    </div>
  );
}

function EvidenceCard({ evidence: { post, head, tail, confidence, extractor } }: { evidence: Evidence }) {
  return (
    <section class="evidence">
      <p class="quiet">
        The model was {percent(confidence)} sure · {extractor}
      </p>
      {post ? (
        <PostCard post={post} only={[head, tail].filter((one) => one !== null)} />
      ) : (
        <p class="quiet">The post was deleted meanwhile.</p>
      )}
    </section>
  );
}

function whySoSure(fact: Fact, evidence: readonly Evidence[]): string {
  const { evidenceCount, sourceCount, authorCount, maxConfidence } = fact;
  if (evidenceCount === 1) return 'One post says so; this is how sure the model was of it.';
  const said = `${counted(evidenceCount, 'post')} of ${counted(authorCount, 'author')} say so, which are ${counted(sourceCount, 'independent source')}`;
  if (sourceCount === 1) {
    return `${said}: reposts, copies and repetitions by one author count once, with the surest of them (${percent(maxConfidence)}).`;
  }
  const product =
    sourceCount === evidenceCount && evidence.length === evidenceCount && evidenceCount <= 5
      ? ` Here: 1 − ${evidence.map((one) => `(1 − ${one.confidence.toFixed(2)})`).join(' × ')}.`
      : '';
  return `${said}. Each source counts once, with its surest post; the fact is wrong only if all of them are, so doubts are multiplied.${product}`;
}
