/**
 * Measures candidates side by side: A B C, A B C, ... so that whatever else the machine does hits all of them alike.
 * Absolute figures of a shared machine wander; ratios within one run are what to read.
 */

/** One thing to measure. */
export type Candidate = () => unknown;

export interface InterleaveOptions {
  readonly candidates: Readonly<Record<string, Candidate>>;
  /** How often the whole row of candidates is run. More, shorter rounds see through more noise. */
  readonly rounds: number;
  /** Calls of each candidate in one round, one after the other. */
  readonly iterationsPerRound: number;
  /** Calls of each candidate before the first round. Default `iterationsPerRound`. */
  readonly warmup?: number;
  /** Calls under way at once. Default 1; above 1 a sample is the time per call of the whole round. */
  readonly inFlight?: number;
}

/** What one candidate took. */
export interface Measurement {
  readonly name: string;
  /** Median over the rounds of the median of a round. */
  readonly medianMs: number;
  /** The smallest and the largest median of a round. */
  readonly minMs: number;
  readonly maxMs: number;
  /** The 99th percentile of all single calls; null with more than one call under way. */
  readonly p99Ms: number | null;
  readonly callsPerSecond: number;
  /** CPU time of this process per call, over all rounds: threads included, child processes not. */
  readonly cpuMs: number;
  /** The median of each round, in order. */
  readonly roundsMs: readonly number[];
}

/** The middle value, or the mean of the two middle ones. NaN of nothing. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((left, right) => left - right);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/** The smallest value that `share` of the values do not exceed. NaN of nothing. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((left, right) => left - right);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}

/**
 * Runs the candidates in turn and sums up each.
 *
 * @example
 * ```ts
 * const results = await interleave({
 *   candidates: { json: () => JSON.parse('{}'), clone: () => structuredClone({}) },
 *   rounds: 21,
 *   iterationsPerRound: 200,
 * });
 * console.log(table(comparison(results, 'json')));
 * ```
 */
export async function interleave(options: InterleaveOptions): Promise<readonly Measurement[]> {
  const { candidates, rounds, iterationsPerRound } = options;
  const inFlight = options.inFlight ?? 1;
  const tracks = Object.entries(candidates).map(([name, run]) => ({
    name,
    run,
    roundsMs: new Array<number>(),
    samples: new Array<number>(),
    cpuMicros: 0,
  }));
  for (const { run } of tracks) await sample(run, options.warmup ?? iterationsPerRound, inFlight);
  for (let round = 0; round < rounds; round += 1) {
    for (const track of tracks) {
      const before = process.cpuUsage();
      const samples = await sample(track.run, iterationsPerRound, inFlight);
      const used = process.cpuUsage(before);
      track.cpuMicros += used.user + used.system;
      track.roundsMs.push(median(samples));
      track.samples.push(...samples);
    }
  }
  return tracks.map(({ name, roundsMs, samples, cpuMicros }) => {
    const medianMs = median(roundsMs);
    return {
      name,
      medianMs,
      minMs: Math.min(...roundsMs),
      maxMs: Math.max(...roundsMs),
      p99Ms: inFlight === 1 ? percentile(samples, 0.99) : null,
      callsPerSecond: 1000 / medianMs,
      cpuMs: cpuMicros / 1000 / (rounds * iterationsPerRound),
      roundsMs,
    };
  });
}

/**
 * One result of several runs of the same candidates. Where the system places a thread can stick for as long as the
 * thread lives; runs with fresh threads even that out.
 */
export function merge(runs: readonly (readonly Measurement[])[]): readonly Measurement[] {
  const [first = []] = runs;
  return first.map(({ name }) => {
    const parts = runs.map((run) => named(run, name));
    const roundsMs = parts.flatMap((part) => part.roundsMs);
    const medianMs = median(roundsMs);
    const p99s = parts.flatMap((part) => (part.p99Ms === null ? [] : [part.p99Ms]));
    return {
      name,
      medianMs,
      minMs: Math.min(...roundsMs),
      maxMs: Math.max(...roundsMs),
      p99Ms: p99s.length === 0 ? null : median(p99s),
      callsPerSecond: 1000 / medianMs,
      cpuMs: median(parts.map((part) => part.cpuMs)),
      roundsMs,
    };
  });
}

/** Times of single calls, or, with several under way, the time per call. */
async function sample(
  run: Candidate,
  iterations: number,
  inFlight: number,
): Promise<readonly number[]> {
  if (inFlight === 1) {
    const samples: number[] = [];
    for (let index = 0; index < iterations; index += 1) {
      const start = performance.now();
      const result = run();
      if (result instanceof Promise) await result;
      samples.push(performance.now() - start);
    }
    return samples;
  }
  let left = iterations;
  const lane = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      await run();
    }
  };
  const start = performance.now();
  await Promise.all(Array.from({ length: inFlight }, lane));
  return [(performance.now() - start) / iterations];
}

/**
 * How much longer `name` takes than `base`: the median over the rounds of the ratio within a round, which is steadier
 * than the ratio of two medians.
 */
export function ratio(results: readonly Measurement[], name: string, base: string): number {
  const rounds = named(results, name).roundsMs;
  const baseRounds = named(results, base).roundsMs;
  return median(rounds.map((value, index) => value / (baseRounds[index] ?? Number.NaN)));
}

function named(results: readonly Measurement[], name: string): Measurement {
  const found = results.find((result) => result.name === name);
  if (!found) throw new Error(`No candidate is called ${name}.`);
  return found;
}

/** One row of a printed table: column name to text. */
export type Row = Readonly<Record<string, string | number>>;

/** Rows for {@link table}: median, spread, p99, calls per second, CPU, and the ratio to `base`. */
export function comparison(
  results: readonly Measurement[],
  base: string,
  unit: 'µs' | 'ms' = 'µs',
): readonly Row[] {
  const scale = unit === 'µs' ? 1000 : 1;
  const format = (valueMs: number): string => (valueMs * scale).toFixed(1);
  return results.map((result) => ({
    candidate: result.name,
    [`median ${unit} (min-max of rounds)`]: `${format(result.medianMs)} (${format(result.minMs)}-${format(result.maxMs)})`,
    [`p99 ${unit}`]: result.p99Ms === null ? '-' : format(result.p99Ms),
    'calls/s': Math.round(result.callsPerSecond),
    [`CPU ${unit}/call`]: format(result.cpuMs),
    [`x ${base}`]: `${ratio(results, result.name, base).toFixed(2)}x`,
  }));
}

/** A Markdown table. The columns are those of the first row. */
export function table(rows: readonly Row[]): string {
  const columns = Object.keys(rows[0] ?? {});
  const texts = rows.map((row) => columns.map((column) => String(row[column] ?? '')));
  const widths = columns.map((column, index) =>
    Math.max(column.length, 3, ...texts.map((cells) => (cells[index] ?? '').length)),
  );
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, index) => cell.padEnd(widths[index] ?? 0)).join(' | ')} |`;
  return [line(columns), line(widths.map((width) => '-'.repeat(width))), ...texts.map(line)].join(
    '\n',
  );
}
