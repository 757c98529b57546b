import { useState } from 'preact/hooks';
import { reject } from '../state/decisions.ts';

/** Says that a fact is wrong, and why. */
export function RejectForm({ factId }: { factId: string }) {
  const [reason, setReason] = useState('');
  return (
    <details class="reject">
      <summary>This is wrong</summary>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          reject(factId, reason.trim());
        }}
      >
        <label>
          Why, for those who read it later
          <input value={reason} maxLength={2000} onInput={({ currentTarget }) => setReason(currentTarget.value)} />
        </label>
        <button type="submit">Reject the fact</button>
      </form>
    </details>
  );
}
