import { useSignal } from '@preact/signals';
import { rememberToken } from '../data/token.ts';
import { connection, isCut, readAnew } from '../state/live.ts';
import { dismiss, type Notice, notices } from '../state/notice.ts';
import { current, shown, view } from '../state/page.ts';
import { stats } from '../state/stream.ts';
import { count } from '../text/words.ts';

/** What the page has to say about itself. */
export function Notices() {
  return (
    <div class="notices">
      <div aria-live="polite">
        <State />
        {isCut.value && <Cut />}
        {notices.value.map((said, index) => (
          <Said key={index} said={said} />
        ))}
      </div>
      {connection.value.kind === 'refused' && <TokenForm />}
    </div>
  );
}

/** That the page cannot show all, and what it shows. */
function Cut() {
  const { entities, facts } = current.value.model;
  const isOfEntities = entities.size >= view.value.limit - 1;
  const [shown, all, name] = isOfEntities
    ? [view.value.limit, stats.value?.entities, 'entities']
    : [facts.size, stats.value?.facts, 'links'];
  return (
    <p class="note">
      The newest {count(shown)} {name}
      {all === undefined ? '' : ` of ${count(all)}`} are shown. Search finds all.
    </p>
  );
}

function Said({ said }: { said: Notice }) {
  const close = () => dismiss(said);
  return (
    <p class="note">
      <bdi>{said.text}</bdi>{' '}
      {said.undo && (
        <button
          type="button"
          onClick={() => {
            close();
            said.undo?.();
          }}
        >
          Take back
        </button>
      )}
      <button type="button" aria-label="Dismiss" onClick={close}>
        ×
      </button>
    </p>
  );
}

function State() {
  const { value } = connection;
  if (value.kind === 'loading') return <p class="note">Loading the graph…</p>;
  if (value.kind === 'offline') {
    return <p class="note is-bad">{value.message} Trying again; nothing is lost, the page goes on where it was.</p>;
  }
  if (value.kind !== 'live') return null;
  if (current.value.model.facts.size === 0) {
    return <p class="note">No links yet. They appear as posts are read: run “grapevine demo”, or ingest a file.</p>;
  }
  if (shown.value.facts.size === 0) {
    return (
      <p class="note">
        {isCut.value
          ? 'The filters let nothing through of what is on the page; show more entities, or search.'
          : 'The filters let nothing through.'}
      </p>
    );
  }
  return null;
}

function TokenForm() {
  const token = useSignal('');
  const { value } = connection;
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    rememberToken(token.value.trim());
    token.value = '';
    readAnew();
  };
  return (
    <form class="token" onSubmit={submit}>
      <p>{'message' in value ? value.message : ''}</p>
      <label>
        Token, as “grapevine token create” printed it
        <input
          type="password"
          autocomplete="off"
          required
          value={token.value}
          onInput={({ currentTarget }) => {
            token.value = currentTarget.value;
          }}
        />
      </label>
      <button type="submit">Use token</button>
      <p class="quiet">It is kept until this tab is closed.</p>
    </form>
  );
}
