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
  if (thumbnailUrl === null) {
    return (
      <p class="quiet">
        Picture:{' '}
        {outcome === 'ok' ? `seen by the model${partsOf(regions)}, no copy is kept` : outcome.replaceAll('_', ' ')}
      </p>
    );
  }
  return <SeenPicture src={thumbnailUrl} alt={`Picture of the post by ${author}`} regions={regions} />;
}

/** A picture with the parts that the model read by themselves. */
export function SeenPicture({ src, alt, regions }: { src: string; alt: string; regions: readonly Region[] }) {
  return (
    <figure class="seen">
      <div class="regions">
        <img class="picture" src={src} alt={alt} loading="lazy" />
        {regions.map((region, i) => (
          <span key={i} class="region" style={placeOf(region)} aria-hidden="true">
            {i + 1}
          </span>
        ))}
      </div>
      {regions.length > 0 && <figcaption class="quiet">The model read the picture{partsOf(regions)}.</figcaption>}
    </figure>
  );
}

function partsOf(regions: readonly Region[]): string {
  return regions.length === 0 ? '' : `, and ${counted(regions.length, 'part')} of it`;
}

function placeOf({ left, top, right, bottom }: Region) {
  const share = (part: number) => `${part * 100}%`;
  return { left: share(left), top: share(top), width: share(right - left), height: share(bottom - top) };
}
