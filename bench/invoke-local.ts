/**
 * What a call of a local function costs beyond the bare limit of the machine.
 *
 *     node bench/invoke-local.ts [--dist <folder>] [--rounds <n>] [--only warm|concurrent|cold|after-warm|memory]
 */
import { readFileSync } from 'node:fs';
import type { CreateInstancePool, InstancePool, LocalCall } from '../providers/local/ports.ts';
import type { Clock } from '../src/spi/clock.ts';
import { bareColdStart, bareProcess, bareThread } from './support/bare-echo.ts';
import { distFolder } from './support/built.ts';
import {
  type Candidate,
  comparison,
  interleave,
  type Measurement,
  median,
  merge,
  type Row,
  table,
} from './support/interleave.ts';
import { bundleHandlers, poolSettings, quietListener } from './support/local-bundle.ts';

/** A kilobyte of JSON, of the kind that functions get. */
export const PAYLOAD = {
  id: 7,
  name: 'order',
  tags: ['a', 'b', 'c'],
  lines: Array.from({ length: 10 }, (_, index) => ({
    sku: `sku-${index}`,
    count: index,
    price: 9.99,
  })),
  note: 'x'.repeat(450),
};

const CALL: LocalCall = {
  kind: 'invoke',
  event: PAYLOAD,
  meta: { requestId: 'bench', attempt: 1, deadline: 0 },
};

const TEN = 10;
/** Times that threads and processes are made anew. */
const RUNS = 3;

const rounds = numberOption('--rounds', 11);
const dist = distFolder();
const { createInstancePool }: { createInstancePool: CreateInstancePool } = await import(
  new URL('providers/local/runtime/index.js', dist).href
);
const { systemClock }: { systemClock: Clock } = await import(
  new URL('src/engine/system-clock.js', dist).href
);
const bundle = await bundleHandlers('{ invoke: (input) => input }');
const pool = (settings: Parameters<typeof poolSettings>[1] = {}): InstancePool =>
  createInstancePool(poolSettings(bundle, settings), quietListener, systemClock);

const parts: Readonly<Record<string, () => Promise<void>>> = {
  warm,
  concurrent,
  cold,
  'after-warm': afterWarm,
  memory,
};
const only = process.argv.indexOf('--only');

try {
  for (const [name, run] of Object.entries(parts))
    if (only < 0 || process.argv[only + 1] === name) await run();
} finally {
  bundle.remove();
}

/** The bare limits and the pools, made anew for each run. */
async function withPools(
  settings: Parameters<typeof poolSettings>[1],
  measure: (candidates: Readonly<Record<string, Candidate>>) => Promise<readonly Measurement[]>,
): Promise<readonly Measurement[]> {
  const thread = bareThread();
  const threads = pool(settings);
  const child = bareProcess();
  const processes = pool({ ...settings, isolation: 'process' });
  try {
    return await measure({
      'bare postMessage': () => thread.call(PAYLOAD),
      'pool.call, thread': () => threads.call(CALL),
      'bare fork IPC': () => child.call(PAYLOAD),
      'pool.call, process': () => processes.call(CALL),
    });
  } finally {
    await Promise.all([thread.close(), threads.close(), child.close(), processes.close()]);
  }
}

/** One call at a time on an instance that is there. */
async function warm(): Promise<void> {
  const runs: (readonly Measurement[])[] = [];
  for (let run = 0; run < RUNS; run += 1)
    runs.push(
      await withPools({}, (candidates) =>
        interleave({ candidates, rounds, iterationsPerRound: 200, warmup: 2_000 }),
      ),
    );
  printBoth('Warm, one call at a time, 1 KB', merge(runs));
}

/** Sixty-four calls under way on one instance. */
async function concurrent(): Promise<void> {
  const runs: (readonly Measurement[])[] = [];
  for (let run = 0; run < RUNS; run += 1)
    runs.push(
      await withPools({ concurrency: 64 }, (candidates) =>
        interleave({ candidates, rounds, iterationsPerRound: 2_000, inFlight: 64 }),
      ),
    );
  printBoth('64 under way on one instance (a sample is the time per call)', merge(runs));
}

function printBoth(title: string, results: readonly Measurement[]): void {
  print(title, comparison(results, 'bare postMessage'));
  print(`${title}: processes`, comparison(results.slice(2), 'bare fork IPC'));
}

/** From nothing to the first answer. */
async function cold(): Promise<void> {
  const bare = bareColdStart();
  const candidates: Record<string, () => Promise<() => Promise<unknown>>> = {
    'bare new Worker, first message': async () => {
      await bare.start();
      return () => bare.settle();
    },
    'cold pool.call, thread': () => coldCall('thread'),
    'cold pool.call, process': () => coldCall('process'),
  };
  async function coldCall(isolation: 'thread' | 'process'): Promise<() => Promise<void>> {
    const one = pool({ isolation });
    await one.call(CALL);
    return () => one.close();
  }
  await untimed(candidates, rounds);
}

/** Cold starts end outside of what is timed, so they have a loop of their own. */
async function untimed(
  candidates: Readonly<Record<string, () => Promise<() => Promise<unknown>>>>,
  roundCount: number,
): Promise<void> {
  const times = new Map<string, number[]>();
  for (let round = -2; round < roundCount; round += 1) {
    for (const [name, run] of Object.entries(candidates)) {
      const start = performance.now();
      const settle = await run();
      const tookMs = performance.now() - start;
      await settle();
      if (round >= 0) times.set(name, [...(times.get(name) ?? []), tookMs]);
    }
  }
  const [base = []] = times.values();
  const rows = [...times].map(([name, taken]) => ({
    candidate: name,
    'median ms (min-max)': `${median(taken).toFixed(1)} (${Math.min(...taken).toFixed(1)}-${Math.max(...taken).toFixed(1)})`,
    'x bare': `${median(taken.map((value, index) => value / (base[index] ?? Number.NaN))).toFixed(2)}x`,
  }));
  print('Cold', rows);
}

/**
 * The first real call of an instance that was only warmed, beside later ones that come after the same pause: whatever
 * ran last, or slept, the caches of the processor tell, and a first call seldom follows at once.
 */
async function afterWarm(): Promise<void> {
  const rows: Row[] = [];
  for (const pauseMs of [0, 5, 50]) {
    const firstMs: number[] = [];
    const laterMs: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const one = pool();
      await one.warm(1);
      firstMs.push(await timedAfter(pauseMs, () => one.call(CALL)));
      for (let index = 0; index < 20; index += 1) await one.call(CALL);
      const later: number[] = [];
      for (let index = 0; index < 20; index += 1)
        later.push(await timedAfter(pauseMs, () => one.call(CALL)));
      laterMs.push(median(later));
      await one.close();
    }
    rows.push({
      'pause before each call ms': pauseMs,
      'first call µs': (median(firstMs) * 1000).toFixed(0),
      'after 20 calls µs': (median(laterMs) * 1000).toFixed(0),
      ratio: `${(median(firstMs) / median(laterMs)).toFixed(2)}x`,
    });
  }
  print('First call after warm', rows);
}

async function timedAfter(pauseMs: number, run: () => Promise<unknown>): Promise<number> {
  if (pauseMs > 0) await new Promise((resolve) => setTimeout(resolve, pauseMs));
  return timed(run);
}

async function timed(run: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await run();
  return performance.now() - start;
}

/** What ten idle instances add to the memory of this process; and the growth over many calls. */
async function memory(): Promise<void> {
  if (process.platform !== 'linux') return;
  const bareMb = await perInstanceMb(async () => {
    const threads = Array.from({ length: TEN }, bareThread);
    await Promise.all(threads.map((thread) => thread.call(1)));
    return async () => {
      await Promise.all(threads.map((thread) => thread.close()));
    };
  });
  const idleMb = await perInstanceMb(async () => {
    const ten = pool({ maxInstances: TEN });
    await ten.warm(TEN);
    return () => ten.close();
  });
  const one = pool({ concurrency: 64, maxInstances: 2 });
  await one.call(CALL);
  const start = pssMb();
  for (let block = 0; block < 10_000 / 64; block += 1)
    await Promise.all(Array.from({ length: 64 }, () => one.call(CALL)));
  print('Memory', [
    {
      'PSS per bare thread MB': bareMb.toFixed(1),
      'per idle instance MB': idleMb.toFixed(1),
      'growth over 10,000 calls, 64 under way MB': (pssMb() - start).toFixed(1),
    },
  ]);
  await one.close();
}

/** @param start makes ten, and gives what ends them. */
async function perInstanceMb(start: () => Promise<() => Promise<void>>): Promise<number> {
  // Once before: what they share is paid by the first.
  await (
    await start()
  )();
  const before = pssMb();
  const stop = await start();
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  const each = (pssMb() - before) / TEN;
  await stop();
  return each;
}

function pssMb(): number {
  const match = /^Pss:\s+(\d+) kB/m.exec(readFileSync('/proc/self/smaps_rollup', 'utf8'));
  return Number(match?.[1] ?? Number.NaN) / 1024;
}

function numberOption(name: string, fallback: number): number {
  const index = process.argv.indexOf(name);
  return index < 0 ? fallback : Number(process.argv[index + 1]);
}

function print(title: string, rows: readonly Row[]): void {
  console.log(`\n### ${title}\n\n${table(rows)}`);
}
