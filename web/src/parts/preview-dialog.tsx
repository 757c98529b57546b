import { useEffect, useRef, useState } from 'preact/hooks';
import { type Preview, previewPost } from '../data/preview.ts';
import { tellError } from '../data/server.ts';
import { kindIndex } from '../graph/palette.ts';
import { segmentsOf } from '../text/segments.ts';
import { percent, relationWords } from '../text/words.ts';
import { SeenPicture } from './pictures.tsx';

/** A post as the model read it, with the picture that came with it. */
interface Read {
  readonly preview: Preview;
  readonly picture: File | undefined;
}

/** Shows what the model finds in a post before anything is kept. */
export function PreviewDialog() {
  const dialog = useRef<HTMLDialogElement>(null);
  const [text, setText] = useState('');
  const [picture, setPicture] = useState<File | undefined>();
  const [found, setFound] = useState<Read | undefined>();
  const [problem, setProblem] = useState('');
  const [isReading, setReading] = useState(false);
  const read = async () => {
    setReading(true);
    setProblem('');
    try {
      setFound({ preview: await previewPost(text, picture), picture });
    } catch (error) {
      setFound(undefined);
      setProblem(tellError(error));
    } finally {
      setReading(false);
    }
  };
  return (
    <>
      <button type="button" onClick={() => dialog.current?.showModal()}>
        Try a post
      </button>
      <dialog
        ref={dialog}
        aria-label="Try a post"
        onDragOver={(event) => {
          if (event.dataTransfer?.types.includes('Files')) event.preventDefault();
        }}
        onDrop={(event) => {
          const file = event.dataTransfer?.files[0];
          // Words that are dropped go where the browser puts them.
          if (!file) return;
          event.preventDefault();
          setPicture(file);
        }}
      >
        <form
          onSubmit={(event) => {
            event.preventDefault();
            void read();
          }}
        >
          <h2>Try a post</h2>
          <p class="quiet">The model reads it; nothing is kept.</p>
          <label>
            Text
            <textarea
              rows={4}
              required
              dir="auto"
              value={text}
              onInput={({ currentTarget }) => setText(currentTarget.value)}
            />
          </label>
          <label>
            Picture, or drop one here
            <input
              type="file"
              accept="image/*"
              onChange={({ currentTarget }) => setPicture(currentTarget.files?.[0])}
            />
          </label>
          {picture && <p class="quiet">With {picture.name}</p>}
          <p class="actions">
            <button type="submit" disabled={isReading}>
              {isReading ? 'Reading…' : 'Read it'}
            </button>
            <button type="button" onClick={() => dialog.current?.close()}>
              Close
            </button>
          </p>
        </form>
        {problem !== '' && <p role="alert">{problem}</p>}
        {found && <Found read={found} />}
      </dialog>
    </>
  );
}

function Found({ read: { preview, picture } }: { read: Read }) {
  const { text, mentions, relations, pictures, skipped } = preview;
  const [address, setAddress] = useState('');
  useEffect(() => {
    if (!picture) return setAddress('');
    const own = URL.createObjectURL(picture);
    setAddress(own);
    return () => URL.revokeObjectURL(own);
  }, [picture]);
  return (
    <section aria-label="What the model found" aria-live="polite">
      <p class="text" dir="auto">
        {segmentsOf(text, mentions).map(({ text, span }, i) =>
          span ? (
            <mark
              key={i}
              class={`mark kind-${kindIndex(span.type)}`}
              title={`${span.type}, ${percent(span.confidence)}`}
            >
              {text}
            </mark>
          ) : (
            <span key={i}>{text}</span>
          ),
        )}
      </p>
      <ul class="plain">
        {mentions.map(({ start, text, type, confidence, entity }) => (
          <li key={start}>
            <bdi>{text}</bdi>{' '}
            <span class="quiet">
              {type} · {percent(confidence)} · {entity ? `known as ${entity.name}` : 'new'}
            </span>
          </li>
        ))}
        {relations.map(({ type, confidence, head, tail }, i) => (
          <li key={i}>
            <bdi>{head.text}</bdi> <em>{relationWords(type)}</em> <bdi>{tail.text}</bdi>{' '}
            <span class="quiet">{percent(confidence)}</span>
          </li>
        ))}
      </ul>
      {mentions.length === 0 && <p>Nothing was found{skipped === null ? '' : `: ${skipped.replaceAll('_', ' ')}`}.</p>}
      {pictures.map(({ outcome, regions }, i) => (
        <div key={i}>
          <p class="quiet">Picture: {outcome === 'ok' ? 'seen' : outcome.replaceAll('_', ' ')}</p>
          {address !== '' && <SeenPicture src={address} alt="The picture as it was read" regions={regions} />}
        </div>
      ))}
    </section>
  );
}
