import { z } from 'zod';

const fileName = z.string().regex(/^[A-Za-z0-9][\w.-]*$/, 'a plain file name inside the bundle');
const count = z.int().positive();
const id = z.int().nonnegative();
const share = z.number().min(0).max(1);
const thresholds = z.object({ default: share }).catchall(share);
const graphs = { visual: fileName, prefix: fileName, text: fileName, maxSeq: z.int().min(16), thresholds };

const nerSchema = z.object({
  ...graphs,
  labels: z.array(z.string().min(1)).min(3),
  crf: z.object({
    start: z.array(z.number()),
    end: z.array(z.number()),
    transitions: z.array(z.array(z.number())),
  }),
});

const relationLabelSchema = z.object({
  type: z.string().min(1),
  /** True when the head is the mention that comes second in the text. */
  inverse: z.boolean().default(false),
  symmetric: z.boolean().default(false),
});

const reSchema = z.object({
  ...graphs,
  pairOrder: z.literal('text'),
  temperature: z.number().positive(),
  labels: z.array(relationLabelSchema).min(2),
});

const rgb = z.tuple([z.number(), z.number(), z.number()]);

const schema = z
  .object({
    schema: z.literal(1),
    name: z.string().min(1),
    generation: z.int().nonnegative(),
    license: z.string().optional(),
    languages: z.array(z.string()),
    files: z.record(fileName, z.object({ bytes: id, sha256: z.string().regex(/^[0-9a-f]{64}$/) })),
    size: z.object({
      layers: count,
      hidden: count,
      heads: count,
      headSize: count,
      channels: z.array(count).min(1),
      images: count,
      promptTokens: count,
      prefixSlots: count,
      headsPerImage: count,
    }),
    image: z.object({ resize: count, crop: count, mean: rgb, std: rgb, exif: z.boolean() }),
    tokenizer: z.object({
      vocab: fileName,
      lowerCase: z.boolean(),
      maxWordChars: count,
      cls: id,
      sep: id,
      pad: id,
      unk: id,
      markers: z.object({ headStart: id, headEnd: id, tailStart: id, tailEnd: id }),
    }),
    text: z.object({ urlWord: z.string().min(1) }),
    ner: nerSchema,
    re: reSchema,
    metrics: z.unknown().optional(),
  })
  .superRefine((manifest, context) => {
    for (const problem of contradictions(manifest)) context.addIssue({ code: 'custom', ...problem });
  });

/** Everything about a model that the runtime has to know: the content of a bundle's `manifest.json`. */
export type Manifest = z.output<typeof schema>;

/** The two things a bundle's model can do. */
export type Task = 'ner' | 're';

/** One class of the relation classifier, with its direction. */
export type RelationLabel = Manifest['re']['labels'][number];

/** Smallest probability per type that is passed on. */
export type Thresholds = Manifest['ner']['thresholds'];

/** The class of the relation classifier that stands for no relation. */
export const NO_RELATION = 'None';

/** Reads a manifest; the failure's message lists every problem with its place. */
export function parseManifest(value: unknown): { manifest: Manifest } | { problem: string } {
  const parsed = schema.safeParse(value);
  return parsed.success ? { manifest: parsed.data } : { problem: z.prettifyError(parsed.error) };
}

/** Probability from which a finding of this type is passed on. */
export function thresholdOf(thresholds: Thresholds, type: string): number {
  return Object.hasOwn(thresholds, type) ? (thresholds[type] as number) : thresholds.default;
}

function* contradictions(manifest: z.output<typeof schema>): Generator<{ path: string[]; message: string }> {
  const { size, image, ner, re, tokenizer, files } = manifest;
  const named = [tokenizer.vocab, ...[ner, re].flatMap((task) => [task.visual, task.prefix, task.text])];
  for (const file of new Set(named)) {
    if (!Object.hasOwn(files, file)) yield { path: ['files'], message: `${file} is used but has no entry here` };
  }
  if (image.crop > image.resize) yield { path: ['image', 'crop'], message: 'larger than resize' };
  if (size.images * size.headsPerImage !== size.heads) {
    yield { path: ['size'], message: 'images x headsPerImage is not heads' };
  }
  const labels = ner.labels.length;
  const { start, end, transitions } = ner.crf;
  const square = transitions.length === labels && transitions.every((row) => row.length === labels);
  if (start.length !== labels || end.length !== labels || !square) {
    yield { path: ['ner', 'crf'], message: `not sized for the ${labels} labels` };
  }
  if (!ner.labels.includes('O')) yield { path: ['ner', 'labels'], message: 'O is missing' };
  if (re.labels.filter((label) => label.type === NO_RELATION).length !== 1) {
    yield { path: ['re', 'labels'], message: `needs exactly one ${NO_RELATION}` };
  }
}
