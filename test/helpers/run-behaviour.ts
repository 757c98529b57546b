import type { Extraction } from '../../src/domain/extraction.ts';
import { type BehaviourCase, judge, type PassRate, passRates, postOf, type Verdict } from './behaviour.ts';
import { runCli } from './cli.ts';
import { BUNDLE, GOLDEN } from './model-bundle.ts';

/** What the service made of the behaviour cases. */
export interface BehaviourRun {
  readonly extractions: readonly Extraction[];
  readonly verdicts: readonly Verdict[];
  readonly rates: Readonly<Record<string, PassRate>>;
}

/** The recorded figures: test/fixtures/behaviour/recorded.json. */
export interface RecordedBehaviour {
  readonly bundle: string;
  readonly generation: number;
  readonly rates: Readonly<Record<string, PassRate>>;
  /** What was found in each case that is not right. */
  readonly wrong: readonly { readonly id: string; readonly mentions: string[]; readonly relations: string[] }[];
}

/** Reads all cases with `grapevine extract`, the language rule included. */
export async function runBehaviour(cases: readonly BehaviourCase[], bundle = BUNDLE): Promise<BehaviourRun> {
  const args = ['extract', '-', '--bundle', bundle, '--image-root', `${GOLDEN}/image-transform`];
  const { code, stdout, stderr } = await runCli(args, {
    input: cases.map((one) => JSON.stringify(postOf(one))).join('\n'),
  });
  if (code !== 0) throw new Error(`grapevine extract ended with ${code}: ${stderr}`);
  const extractions = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Extraction);
  if (extractions.length !== cases.length) throw new Error(`${extractions.length} of ${cases.length} cases came back`);
  const verdicts = cases.map((one, i) => judge(one, extractions[i] as Extraction));
  return { extractions, verdicts, rates: passRates(cases, verdicts) };
}

/** A run as it is recorded. */
export function toRecord({ extractions, verdicts, rates }: BehaviourRun): RecordedBehaviour {
  const { bundle, generation } = (extractions[0] as Extraction).extractor;
  const wrong = extractions
    .filter((_, i) => !verdicts[i]?.mentions || !verdicts[i]?.relations)
    .map(({ post, mentions, relations }) => ({
      id: String(post.id),
      mentions: mentions.map(({ type, text }) => `${type} ${text}`),
      relations: relations.map(({ type, head, tail }) => `${mentions[head]?.text} ${type} ${mentions[tail]?.text}`),
    }));
  return { bundle, generation, rates, wrong };
}
