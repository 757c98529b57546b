import { startNode } from './child.ts';
import type { Contender, Lineup } from './contenders.ts';
import { machineTime, processTime } from './machine.ts';
import type { CalibrationSlice } from './slices.ts';

/** One contender's slice of one round. */
export interface Measured {
  readonly slice: unknown;
  /** Share of the machine's processor time that others took meanwhile; undefined where that cannot be known. */
  readonly foreign: number | undefined;
}

/** A run: for each contender one slice a round. */
export interface Run {
  readonly slices: ReadonlyMap<string, readonly Measured[]>;
  readonly calibration: readonly CalibrationSlice[];
}

/** How long a run goes on. */
export interface Rounds {
  readonly rounds: number;
  /** Length of a slice. */
  readonly seconds: number;
  tell(line: string): void;
}

const CALIBRATION_SECONDS = 0.3;

/** Lets all contenders run in turn, slice by slice, each round beginning with another one. */
export async function runRounds(lineup: Lineup, { rounds, seconds, tell }: Rounds): Promise<Run> {
  await using calibrator = startNode('calibration.ts');
  await calibrator.ask('slice', { seconds: CALIBRATION_SECONDS });
  const slices = new Map<string, Measured[]>(lineup.contenders.map(({ name }) => [name, []]));
  const calibration: CalibrationSlice[] = [];
  for (let round = 0; round < rounds; round++) {
    calibration.push(await calibrator.ask<CalibrationSlice>('slice', { seconds: CALIBRATION_SECONDS }));
    for (const contender of rotate(lineup.contenders, round)) {
      const measured = await measure(lineup, contender, seconds);
      slices.get(contender.name)?.push(measured);
      tell(`round ${round + 1}/${rounds}  ${contender.name}${foreignText(measured.foreign)}`);
    }
  }
  return { slices, calibration };
}

async function measure(lineup: Lineup, contender: Contender, seconds: number): Promise<Measured> {
  const own = () => processTime(process.pid) + lineup.cpuSeconds();
  const [machine, ours] = [machineTime(), own()];
  const slice = await contender.slice(seconds);
  const [later, used] = [machineTime(), own() - ours];
  if (!machine || !later) return { slice, foreign: undefined };
  return { slice, foreign: Math.max(0, later.busy - machine.busy - used) / (later.total - machine.total) };
}

function rotate<T>(values: readonly T[], by: number): T[] {
  const at = by % values.length;
  return [...values.slice(at), ...values.slice(0, at)];
}

function foreignText(foreign: number | undefined): string {
  return foreign === undefined ? '' : `  (${(foreign * 100).toFixed(0)} % of the machine used by others)`;
}
