import { dropRule, enable, settings, unhush } from '../state/alerts.ts';
import { counted, moment } from '../text/words.ts';

/** The rules that watch, and what is silenced. */
export function AlertSetup() {
  const { rules = [], channels = [], silences = [] } = settings.value ?? {};
  return (
    <>
      {silences.length > 0 && (
        <section aria-label="Silences">
          <h3>Silenced</h3>
          <ul class="plain">
            {silences.map(({ id, rule, entities, entityIds, endsAt }) => (
              <li key={id}>
                <bdi>{rule ?? 'Every rule'}</bdi>
                {entityIds.length > 0 && (
                  <>
                    , about{' '}
                    <bdi>
                      {entities.map(({ name }) => name).join(', ') || counted(entityIds.length, 'entity', 'entities')}
                    </bdi>
                  </>
                )}{' '}
                <span class="quiet">until {moment(endsAt)}</span>{' '}
                <button type="button" onClick={() => unhush(id)}>
                  End
                </button>
              </li>
            ))}
          </ul>
        </section>
      )}
      {channels.map(
        ({ name, disabledFor }) =>
          disabledFor !== null && (
            <p key={name}>
              Nothing is sent to <bdi>{name}</bdi> any more: {disabledFor}.{' '}
              <button type="button" onClick={() => enable(name)}>
                Enable
              </button>
            </p>
          ),
      )}
      <section aria-label="Rules">
        <h3>Rules</h3>
        {rules.length === 0 && <p class="quiet">No rule watches yet.</p>}
        {rules.map((rule) => (
          <details key={rule.id} class="rule">
            <summary>
              <bdi>{rule.name}</bdi> <span class="quiet">{rule.severity?.toLowerCase() ?? 'cannot be used'}</span>
            </summary>
            {rule.fault !== null && <p role="alert">{rule.fault}</p>}
            <pre tabIndex={0}>{rule.definition}</pre>
            {rule.origin === 'API' ? (
              <button type="button" onClick={() => dropRule(rule)}>
                Delete<span class="unseen"> the rule {rule.name}</span>
              </button>
            ) : (
              <p class="quiet">It stands in the file of rules of the server, and is changed there.</p>
            )}
          </details>
        ))}
      </section>
    </>
  );
}
