/** Memory and CPU of an instance: https://cloud.google.com/run/docs/configuring/services/memory-limits */
import { GoogleFault } from '../core/fault.ts';

const UNITS: Readonly<Record<string, number>> = {
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  Ki: 1024,
  Mi: 1024 ** 2,
  Gi: 1024 ** 3,
};
const MIB = 1024 ** 2;
const MOST_MIB = 32 * 1024;
const LEAST_MIB = 128;

/** What comes with so much memory, when no CPU is asked for. */
const USUAL_CPU: readonly (readonly [mib: number, cpu: number])[] = [
  [128, 0.083],
  [256, 0.167],
  [512, 0.333],
  [1024, 0.583],
  [2048, 1],
  [8192, 2],
  [16_384, 4],
  [32_768, 8],
];

/** More memory than this needs at least so much CPU. */
const LEAST_CPU: readonly (readonly [mib: number, cpu: number])[] = [
  [16_384, 6],
  [8192, 4],
  [4096, 2],
  [1024, 1],
  [512, 0.5],
];

/** CPUs of that many need at least so much memory. */
const LEAST_MEMORY: readonly (readonly [cpu: number, mib: number])[] = [
  [8, 4096],
  [6, 4096],
  [4, 2048],
];

const WHOLE_CPUS = [1, 2, 4, 6, 8];

export interface Resources {
  readonly memoryMb: number;
  readonly cpu: number;
}

/** @throws GoogleFault INVALID_ARGUMENT for what Cloud Run does not run */
export function resourcesOf(wish: {
  readonly memory: string;
  readonly cpu: string;
  readonly concurrency: number;
}): Resources {
  const memory = mibOf(wish.memory);
  const cpu = wish.cpu === '' ? usualCpu(memory) : cpuOf(wish.cpu);
  const isWhole = WHOLE_CPUS.includes(cpu);
  if (!isWhole && (cpu >= 1 || cpu < 0.08)) {
    refuse('cpu', `'${wish.cpu}' is not one of 0.08 to 1, 2, 4, 6, 8.`);
  }
  if (cpu < 1 && wish.concurrency > 1) {
    refuse('cpu', 'Total cpu < 1 is not supported with concurrency > 1.');
  }
  const leastCpu = LEAST_CPU.find(([mib]) => memory > mib)?.[1] ?? 0;
  if (wish.cpu !== '' && cpu < leastCpu) {
    refuse('cpu', `For ${wish.memory} of memory, at least ${leastCpu} is needed.`);
  }
  const leastMemory = LEAST_MEMORY.find(([cpus]) => cpu >= cpus)?.[1] ?? 0;
  if (memory < leastMemory) {
    refuse('memory', `For ${cpu} CPUs, at least ${leastMemory}Mi are needed.`);
  }
  return { memoryMb: memory, cpu };
}

function mibOf(text: string): number {
  const [, number = '', unit = ''] = /^(\d+(?:\.\d+)?)(k|M|G|Ki|Mi|Gi)?$/.exec(text) ?? [];
  const mib = Math.floor((Number(number) * (UNITS[unit] ?? 1)) / MIB);
  const isLess = number === '' || mib > MOST_MIB;
  // 128M is sold as the smallest size, too.
  if (isLess || (mib < LEAST_MIB && text !== '128M')) {
    refuse('memory', `'${text}' is not between 128Mi and 32Gi.`);
  }
  return mib;
}

function cpuOf(text: string): number {
  const thousandths = /^(\d+)m$/.exec(text)?.[1];
  const cpu = thousandths === undefined ? Number(text) : Number(thousandths) / 1000;
  if (Number.isNaN(cpu)) refuse('cpu', `'${text}' is not a number.`);
  return cpu;
}

function usualCpu(mib: number): number {
  return USUAL_CPU.find(([most]) => mib <= most)?.[1] ?? 8;
}

function refuse(what: 'cpu' | 'memory', why: string): never {
  throw new GoogleFault(
    'INVALID_ARGUMENT',
    `Could not create or update Cloud Run service. spec.template.spec.containers.resources.limits.${what}: Invalid value specified for ${what}. ${why}`,
  );
}
