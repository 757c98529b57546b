import { existsSync, readFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';

/** Kernel ticks a second; Linux has had 100 on every common platform for decades. */
const TICKS = 100;
const INSTRUCTION_SETS = [
  'avx2',
  'avx512f',
  'avx512_vnni',
  'avx_vnni',
  'avx512_bf16',
  'amx_int8',
  'amx_bf16',
  'asimd',
  'asimddp',
  'i8mm',
];

/** CPU seconds since boot of the whole machine, work and idleness. */
export interface MachineTime {
  readonly busy: number;
  readonly total: number;
}

/** What the machine's processors did; undefined where the kernel does not tell (no Linux). */
export function machineTime(): MachineTime | undefined {
  if (!existsSync('/proc/stat')) return undefined;
  const fields = (readFileSync('/proc/stat', 'utf8').split('\n')[0] ?? '').trim().split(/\s+/).slice(1, 9).map(Number);
  const total = fields.reduce((sum, value) => sum + value, 0);
  const idle = (fields[3] ?? 0) + (fields[4] ?? 0);
  return { busy: (total - idle) / TICKS, total: total / TICKS };
}

/** CPU seconds of a process, all its threads included; 0 when it is gone. */
export function processTime(pid: number): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) / TICKS;
  } catch {
    return 0;
  }
}

/** Which of the instruction sets that matter for matrix products the processor has. */
export function instructionSets(): string[] {
  if (!existsSync('/proc/cpuinfo')) return [];
  const line = /^(?:flags|Features)\s*:(.*)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1] ?? '';
  const flags = new Set(line.trim().split(/\s+/));
  return INSTRUCTION_SETS.filter((set) => flags.has(set));
}

/** Memory that can be had without swapping, bytes. */
export function availableMemory(): number {
  if (!existsSync('/proc/meminfo')) return totalmem();
  const found = /^MemAvailable:\s+(\d+) kB/m.exec(readFileSync('/proc/meminfo', 'utf8'))?.[1];
  return found ? Number(found) * 1024 : totalmem();
}

/** Name of the processor. */
export function processorName(): string {
  return cpus()[0]?.model.trim() ?? 'unknown processor';
}
