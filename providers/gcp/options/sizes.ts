/** Memory and vCPUs of an instance, and which go together. */

/** Megabytes that Cloud Run functions list ("Configure memory limits"). */
export const MEMORY_SIZES = [128, 256, 512, 1024, 2048, 4096, 8192, 16_384, 32_768] as const;

/** Whole vCPUs ("Configure CPU limits for services"). */
export const CPUS: readonly number[] = [1, 2, 4, 6, 8];

/** The vCPUs that go with a size when none are asked for. */
const DEFAULT_CPUS: Readonly<Record<number, number>> = {
  128: 0.083,
  256: 0.167,
  512: 0.333,
  1024: 0.583,
  2048: 1,
  4096: 2,
  8192: 2,
  16_384: 4,
  32_768: 8,
};

/** What goes with so many vCPUs, in megabytes: "Configure CPU limits for services", vCPU and memory table. */
const PAIRS: readonly { readonly cpu: number; readonly min: number; readonly max: number }[] = [
  { cpu: 0.08, min: 128, max: 512 },
  { cpu: 0.5, min: 128, max: 1024 },
  { cpu: 1, min: 128, max: 4096 },
  { cpu: 2, min: 128, max: 8192 },
  { cpu: 4, min: 2048, max: 16_384 },
  { cpu: 6, min: 4096, max: 24_576 },
  { cpu: 8, min: 4096, max: 32_768 },
];

/** Several requests at once need a whole vCPU. */
const CONCURRENT_CPU = 1;

export interface CpuWish {
  readonly memoryMb: number;
  readonly concurrency: number;
  /** Undefined: what goes with the memory. */
  readonly cpu: number | undefined;
}

/** The vCPUs of an instance, and whether they are more than go with the memory. */
export function cpuOf({ memoryMb, concurrency, cpu }: CpuWish): {
  readonly cpu: number;
  readonly isRaised: boolean;
} {
  if (cpu !== undefined) return { cpu, isRaised: false };
  const usual = DEFAULT_CPUS[memoryMb] ?? CONCURRENT_CPU;
  const isRaised = concurrency > 1 && usual < CONCURRENT_CPU;
  return { cpu: isRaised ? CONCURRENT_CPU : usual, isRaised };
}

/** What is wrong with the vCPUs that were asked for, or undefined. */
export function cpuProblem({ memoryMb, concurrency, cpu }: CpuWish): string | undefined {
  if (cpu === undefined) return undefined;
  if (concurrency > 1 && cpu < CONCURRENT_CPU) {
    return `${cpu} is less than the ${CONCURRENT_CPU} that Cloud Run asks for when an instance serves several requests at once (concurrency ${concurrency}). Set it to 1 or more, or leave \`concurrency\` out.`;
  }
  const pair = PAIRS.findLast((one) => one.cpu <= cpu);
  if (pair && memoryMb >= pair.min && memoryMb <= pair.max) return undefined;
  const allowed = PAIRS.map((one) => `${one.cpu}: ${one.min} to ${one.max} MB`).join('; ');
  return `${cpu} vCPUs do not go with ${memoryMb} MB. What Cloud Run allows: ${allowed}.`;
}
