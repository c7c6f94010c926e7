/** What the end of a call's log tells: Lambda's own report, in both of its forms. */

/** Times in milliseconds, sizes in MB; null where the report does not say. */
export interface CallReport {
  readonly durationMs: number | null;
  readonly billedDurationMs: number | null;
  readonly memorySizeMb: number | null;
  readonly maxMemoryUsedMb: number | null;
  /** Only of a cold start on demand. */
  readonly initDurationMs: number | null;
}

/** @param tail base64, at most 4 KB of text: its first line may be cut. Undefined when it holds no report. */
export function readLogTail(tail: string | undefined): CallReport | undefined {
  if (tail === undefined) return undefined;
  const lines = Buffer.from(tail, 'base64').toString('utf8').split('\n');
  for (const line of lines.toReversed()) {
    const report = line.startsWith('REPORT ') ? readText(line) : readJson(line);
    if (report !== undefined) return report;
  }
  return undefined;
}

/** `REPORT RequestId: x\tDuration: 12.06 ms\tBilled Duration: 163 ms\tMemory Size: 128 MB\t...`: read key by key. */
function readText(line: string): CallReport {
  const number = (key: string): number | null => {
    const value = new RegExp(`\\t${key}: ([\\d.]+) `).exec(line)?.[1];
    return value === undefined ? null : Number(value);
  };
  return {
    durationMs: number('Duration'),
    billedDurationMs: number('Billed Duration'),
    memorySizeMb: number('Memory Size'),
    maxMemoryUsedMb: number('Max Memory Used'),
    initDurationMs: number('Init Duration'),
  };
}

function readJson(line: string): CallReport | undefined {
  if (!line.includes('platform.report')) return undefined;
  const metrics = field(field(parsed(line), 'record'), 'metrics');
  if (metrics === undefined) return undefined;
  const number = (key: string): number | null => {
    const value = field(metrics, key);
    return typeof value === 'number' ? value : null;
  };
  return {
    durationMs: number('durationMs'),
    billedDurationMs: number('billedDurationMs'),
    memorySizeMb: number('memorySizeMB'),
    maxMemoryUsedMb: number('maxMemoryUsedMB'),
    initDurationMs: number('initDurationMs'),
  };
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}
