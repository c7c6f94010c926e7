/** CPU of one way to call a function, against another, measured by turns in this process. */
import { median } from './interleave.ts';

/** About 1 KB of JSON. */
export const PAYLOAD = {
  id: 7,
  lines: Array.from({ length: 10 }, (_, index) => ({ sku: `sku-${index}`, count: index })),
  note: 'x'.repeat(600),
};

const CALLS_PER_ROUND = 300;

/** CPU of this process for so many calls, one after the other, in microseconds a call. */
async function cpuOf(call: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  for (let index = 0; index < CALLS_PER_ROUND; index += 1) await call();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / CALLS_PER_ROUND;
}

/**
 * Prints what each candidate takes beside the first.
 *
 * @param candidates by what they are called in the table; the first is what the others are measured against.
 */
export async function compareCpu(
  candidates: readonly (readonly [name: string, call: () => Promise<unknown>])[],
  rounds: number,
): Promise<void> {
  for (const [, call] of candidates) await cpuOf(call);
  const measured: number[][] = [];
  for (let round = 0; round < rounds; round += 1) {
    const cpu: number[] = candidates.map(() => 0);
    // Who goes first changes: what one leaves behind, such as garbage, is the other's to clear.
    const order = candidates.map((_, index) => index);
    if (round % 2 === 1) order.reverse();
    for (const index of order) cpu[index] = await cpuOf(candidates[index]?.[1] ?? nothing);
    measured.push(cpu);
  }
  console.log(`## CPU of one invocation, 1 KB (${rounds} rounds of ${CALLS_PER_ROUND} calls)\n`);
  for (const [index, [name]] of candidates.entries()) {
    const own = measured.map((cpu) => cpu[index] ?? NaN);
    const base = measured.map(([first = NaN]) => first);
    const micros = `${median(own).toFixed(0)} µs`;
    const ratio = median(own.map((one, round) => one / (base[round] ?? NaN))).toFixed(3);
    const more = median(own.map((one, round) => one - (base[round] ?? NaN))).toFixed(0);
    console.log(
      index === 0
        ? `| ${name} | ${micros} |`
        : `| ${name} | ${micros} | ${ratio}x | ${more} µs more |`,
    );
  }
  console.log();
}

async function nothing(): Promise<void> {}
