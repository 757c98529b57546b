import { z } from 'zod';
import { detectorSettings } from './regions/detector-settings.ts';
import { CASE_STEP } from './tokenizer/letter-case.ts';
import { NORMALISER_VERSION } from './tokenizer/tweet-words.ts';

const fileName = z.string().regex(/^[A-Za-z0-9][\w.-]*$/, 'a plain file name inside the bundle');
const count = z.int().positive();
const id = z.int().nonnegative();
const share = z.number().min(0).max(1);
const thresholds = z.object({ default: share }).catchall(share);

/** Graphs of a task; the three of the picture path are all there or, for a model that reads text only, all missing. */
const graphs = {
  visual: fileName.optional(),
  /** Features of an empty slot, float32, in the order the picture graph gives them. */
  empty: fileName.optional(),
  prefix: fileName.optional(),
  text: fileName,
  maxSeq: z.int().min(16),
  /** Whether the text graph is told how words are written: ids then carry the letter case of their word. */
  letterCase: z.boolean().default(false),
  thresholds,
};

const nerSchema = z.object({
  ...graphs,
  labels: z.array(z.string().min(1)).min(3),
  crf: z.object({
    start: z.array(z.number()),
    end: z.array(z.number()),
    transitions: z.array(z.array(z.number())),
  }),
  /** What all scores are divided by before probabilities are made of them; the best path stays the same. */
  temperature: z.number().positive().default(1),
});

const relationLabelSchema = z.object({
  type: z.string().min(1),
  /** True when the head is the mention that comes second in the text. */
  inverse: z.boolean().default(false),
  symmetric: z.boolean().default(false),
});

const reSchema = z.object({
  ...graphs,
  /** Which of two mentions gets the head's markers: the first in the text, or the one whose type a relation's head has. */
  pairs: z.enum(['text', 'canonical']),
  /** Whether a closing marker is written when its mention ends the text; the paper's code leaves it out. */
  closeLast: z.boolean(),
  /** False where a post's pictures are of no use to the classifier: every slot is empty then. */
  pictures: z.boolean().default(true),
  temperature: z.number().positive(),
  /** Added to the logit of no relation when a probability is made; which class is the likeliest stays the same. */
  noneBias: z.number().default(0),
  labels: z.array(relationLabelSchema).min(2),
});

const rgb = z.tuple([z.number(), z.number(), z.number()]);

const schema = z
  .object({
    schema: z.literal(2, 'made for another version of Grapevine; export the bundle again'),
    name: z.string().min(1),
    generation: z.int().nonnegative(),
    /** Day on which it was exported, ISO 8601. */
    created: z.string().optional(),
    precision: z.enum(['fp32', 'fp16', 'int8']),
    license: z.string().optional(),
    languages: z.array(z.string()),
    files: z.record(fileName, z.object({ bytes: id, sha256: z.string().regex(/^[0-9a-f]{64}$/) })),
    size: z.object({
      layers: count,
      hidden: count,
      heads: count,
      headSize: count,
      channels: z.array(count),
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
      markers: z.object({ headStart: id, headEnd: id, tailStart: id, tailEnd: id }).optional(),
    }),
    text: z.object({
      normaliser: z.literal(NORMALISER_VERSION),
      url: z.string().min(1).nullable(),
      hashtags: z.enum(['camel', 'whole']),
    }),
    /** A detector inside the bundle, with what its file does not say about itself. */
    regions: detectorSettings.extend({ file: fileName }).optional(),
    ner: nerSchema.optional(),
    re: reSchema.optional(),
    metrics: z.unknown().optional(),
    agreement: z.unknown().optional(),
  })
  .superRefine((manifest, context) => {
    for (const problem of contradictions(manifest)) context.addIssue({ code: 'custom', ...problem });
  });

/** Everything about a model that the runtime has to know: the content of a bundle's `manifest.json`. */
export type Manifest = z.output<typeof schema>;

/** The two things a bundle's model can do. */
export type Task = 'ner' | 're';

/** What a bundle says about recognising entities. */
export type NerPart = z.output<typeof nerSchema>;

/** What a bundle says about classifying relations. */
export type RePart = z.output<typeof reSchema>;

/** One class of the relation classifier, with its direction. */
export type RelationLabel = RePart['labels'][number];

/** Smallest probability per type that is passed on. */
export type Thresholds = NerPart['thresholds'];

/** The class of the relation classifier that stands for no relation. */
export const NO_RELATION = 'None';

/** Reads a manifest; the failure's message lists every problem with its place. */
export function parseManifest(value: unknown): { manifest: Manifest } | { problem: string } {
  const parsed = schema.safeParse(value);
  return parsed.success ? { manifest: parsed.data } : { problem: z.prettifyError(parsed.error) };
}

/** The tasks a bundle has a model for. */
export function tasksOf(manifest: Manifest): readonly Task[] {
  return (['ner', 're'] as const).filter((task) => manifest[task] !== undefined);
}

/** The part of a task that the bundle is known to have. */
export function partOf(manifest: Manifest, task: Task): NerPart | RePart {
  return manifest[task] as NerPart | RePart;
}

/** The tasks that look at a post's pictures. */
export function seeingTasks(manifest: Manifest): readonly Task[] {
  const { ner, re } = manifest;
  return tasksOf(manifest).filter((task) => (task === 'ner' ? ner?.visual : re?.pictures && re.visual));
}

/** Length of one picture's keys and values, in floats: layers x 2 x headsPerImage x prefixSlots x headSize. */
export function prefixLength({ size }: Manifest): number {
  return size.layers * 2 * size.headsPerImage * size.prefixSlots * size.headSize;
}

/** Probability from which a finding of this type is passed on. */
export function thresholdOf(thresholds: Thresholds, type: string): number {
  return Object.hasOwn(thresholds, type) ? (thresholds[type] as number) : thresholds.default;
}

function* contradictions(manifest: z.output<typeof schema>): Generator<{ path: string[]; message: string }> {
  const { size, image, ner, re, tokenizer, files } = manifest;
  const parts = [ner, re].filter((part) => part !== undefined);
  if (parts.length === 0) yield { path: ['ner'], message: 'neither ner nor re is there' };
  const named = [
    tokenizer.vocab,
    manifest.regions?.file,
    ...parts.flatMap((part) => [part.visual, part.empty, part.prefix, part.text]),
  ];
  for (const file of new Set(named)) {
    if (file !== undefined && !Object.hasOwn(files, file)) {
      yield { path: ['files'], message: `${file} is used but has no entry here` };
    }
  }
  const ids = Object.values({ ...tokenizer.markers, unk: tokenizer.unk, cls: tokenizer.cls, sep: tokenizer.sep });
  for (const part of parts) {
    if (part.letterCase && Math.max(...ids) >= CASE_STEP) {
      const message = `letter case leaves room for ids below ${CASE_STEP}; ${Math.max(...ids)} is named`;
      yield { path: ['tokenizer'], message };
    }
    const pictures = [part.visual, part.empty, part.prefix].filter((file) => file !== undefined).length;
    if (pictures % 3 !== 0)
      yield { path: [part === ner ? 'ner' : 're'], message: 'visual, empty and prefix go together' };
  }
  if (image.crop > image.resize) yield { path: ['image', 'crop'], message: 'larger than resize' };
  if (size.images * size.headsPerImage !== size.heads) {
    yield { path: ['size'], message: 'images x headsPerImage is not heads' };
  }
  if (ner) yield* nerContradictions(ner);
  if (re && !tokenizer.markers) yield { path: ['tokenizer', 'markers'], message: 'missing, and re needs them' };
  if (re && re.labels.filter((label) => label.type === NO_RELATION).length !== 1) {
    yield { path: ['re', 'labels'], message: `needs exactly one ${NO_RELATION}` };
  }
}

function* nerContradictions(ner: NerPart): Generator<{ path: string[]; message: string }> {
  const labels = ner.labels.length;
  const { start, end, transitions } = ner.crf;
  const square = transitions.length === labels && transitions.every((row) => row.length === labels);
  if (start.length !== labels || end.length !== labels || !square) {
    yield { path: ['ner', 'crf'], message: `not sized for the ${labels} labels` };
  }
  if (!ner.labels.includes('O')) yield { path: ['ner', 'labels'], message: 'O is missing' };
}
