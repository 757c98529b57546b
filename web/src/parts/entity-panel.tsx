import type { EntityDetail } from '../data/details.ts';
import type { Link } from '../data/rows.ts';
import { toggleChosen } from '../state/choose.ts';
import { hiddenOf } from '../state/expand.ts';
import { changeView, model, toggleIn, view } from '../state/page.ts';
import { count, counted, moment, percent, relationWords } from '../text/words.ts';
import { Activity } from './activity.tsx';
import { KindDot } from './names.tsx';
import { PostCard } from './post-card.tsx';
import { Suggestions } from './suggestions.tsx';
import { WatchButton } from './watch-button.tsx';

/** What is known of an entity. */
export function EntityPanel({ entity }: { entity: EntityDetail }) {
  const { id, name, type, mentionCount, factCount, links, mentions, activity } = entity;
  const forms = entity.aliases.filter((alias) => alias !== name);
  return (
    <div class="detail">
      <h2>
        <KindDot type={type} />
        <bdi>{name}</bdi>
      </h2>
      <p class="quiet">
        {type} · {counted(mentionCount, 'mention')} · {counted(factCount, 'link')}
      </p>
      {forms.length > 0 && (
        <p>
          Also called{' '}
          {forms.slice(0, 8).map((form) => (
            <bdi key={form} class="form">
              {form}
            </bdi>
          ))}
        </p>
      )}
      <Actions entity={entity} />
      <Activity bars={activity} />
      <Suggestions entity={entity} />
      <h3>Links</h3>
      {links.length === 0 && <p class="quiet">No link to anything else yet.</p>}
      {groupsOf(links, id).map(({ key, words, group }) => (
        <section key={key}>
          <h4>
            {words} <span class="quiet">{count(group.length)}</span>
          </h4>
          <ul class="plain">
            {group.map((link) => (
              <LinkLine key={link.fact.id} link={link} from={id} />
            ))}
          </ul>
        </section>
      ))}
      {factCount > links.length && (
        <p class="quiet">
          The newest {links.length} of {count(factCount)} links.
        </p>
      )}
      <h3>Where it is mentioned</h3>
      <div class="stack">
        {mentions.map(({ post, ...mention }) => post && <PostCard key={mention.id} post={post} only={[mention]} />)}
      </div>
      {mentionCount > mentions.length && (
        <p class="quiet">
          The newest {mentions.length} of {count(mentionCount)} mentions.
        </p>
      )}
    </div>
  );
}

/** What pressing the button does, and how many links it leaves or brings. */
function expandWords(hidden: number, isExpanded: boolean): string {
  if (isExpanded) return hidden > 0 ? `Collapse (${count(hidden)} more not shown)` : 'Collapse';
  return hidden > 0 ? `Expand (${count(hidden)} hidden)` : 'All links shown';
}

function Actions({ entity }: { entity: EntityDetail }) {
  const { id } = entity;
  const { chosen, pinned, expanded, path } = view.value;
  const hidden = hiddenOf.value.get(id) ?? 0;
  const isPathStart = path.length === 1 && path[0] !== id;
  return (
    <p class="actions">
      <button
        type="button"
        disabled={hidden === 0 && !expanded.includes(id)}
        aria-pressed={expanded.includes(id)}
        onClick={() => toggleIn('expanded', id)}
      >
        {expandWords(hidden, expanded.includes(id))}
      </button>
      <button type="button" aria-pressed={pinned.includes(id)} onClick={() => toggleIn('pinned', id)}>
        Pin
      </button>
      <button type="button" aria-pressed={chosen.includes(id)} onClick={() => toggleChosen(id)}>
        Choose
      </button>
      <button
        type="button"
        onClick={() => {
          toggleIn('hidden', id);
          changeView({ selected: '' });
        }}
      >
        Hide
      </button>
      <button type="button" onClick={() => changeView({ path: isPathStart ? [...path, id] : [id] })}>
        {isPathStart ? `Path from ${model.entities.get(path[0] ?? '')?.name ?? 'there'}` : 'Path from here'}
      </button>
      <WatchButton subject={{ kind: 'entities', entities: [entity] }} />
    </p>
  );
}

function LinkLine({ link: { fact, head, tail }, from }: { link: Link; from: string }) {
  const other = head.id === from ? tail : head;
  return (
    <li>
      <button
        type="button"
        class="line"
        onClick={() => changeView({ selected: fact.id })}
        title="Why? Show the evidence"
      >
        <KindDot type={other.type} />
        <bdi>{other.name}</bdi>
        <span class="quiet">
          {percent(fact.confidence)} · {counted(fact.sourceCount, 'source')} · {moment(fact.lastSeenMs)}
        </span>
      </button>
    </li>
  );
}

function groupsOf(links: readonly Link[], id: string) {
  const groups = new Map<string, Link[]>();
  for (const link of links) {
    const key = `${link.head.id === id ? '' : '← '}${link.fact.type}`;
    groups.set(key, [...(groups.get(key) ?? []), link]);
  }
  return [...groups].map(([key, group]) => ({
    key,
    words: `${key.startsWith('← ') ? '← ' : '→ '}${relationWords(key)}`,
    group: group.toSorted((a, b) => b.fact.confidence - a.fact.confidence),
  }));
}
