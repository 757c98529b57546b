import { type Subject, watched } from '../state/watch.ts';

/** Begins a rule that watches something. */
export function WatchButton({ subject }: { subject: Subject }) {
  return (
    <button
      type="button"
      onClick={() => {
        watched.value = subject;
      }}
    >
      Watch this
    </button>
  );
}
