import type { Picture, Post, Region } from '../data/rows.ts';
import { counted } from '../text/words.ts';

/** The pictures of a post, each with the parts that the model read by themselves. */
export function Pictures({ post }: { post: Post }) {
  return (
    <>
      {post.pictures.map((picture) => (
        <OnePicture key={picture.source} picture={picture} author={post.author.id} />
      ))}
    </>
  );
}

function OnePicture({ picture: { outcome, thumbnailUrl, regions }, author }: { picture: Picture; author: string }) {
  const parts = regions.length === 0 ? '' : `, and ${counted(regions.length, 'part')} of it`;
  if (thumbnailUrl === null) {
    return (
      <p class="quiet">
        Picture: {outcome === 'ok' ? `seen by the model${parts}, no copy is kept` : outcome.replaceAll('_', ' ')}
      </p>
    );
  }
  return (
    <figure class="seen">
      <div class="regions">
        <img class="picture" src={thumbnailUrl} alt={`Picture of the post by ${author}`} loading="lazy" />
        {regions.map((region, i) => (
          <span key={i} class="region" style={placeOf(region)} aria-hidden="true">
            {i + 1}
          </span>
        ))}
      </div>
      {parts !== '' && <figcaption class="quiet">The model read the picture{parts}.</figcaption>}
    </figure>
  );
}

function placeOf({ left, top, right, bottom }: Region) {
  const share = (part: number) => `${part * 100}%`;
  return { left: share(left), top: share(top), width: share(right - left), height: share(bottom - top) };
}
