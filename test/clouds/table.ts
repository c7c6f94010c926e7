/** Platforms by verbs, for a terminal. */
import { VERBS } from './program.ts';
import type { Measured } from './tour.ts';

export interface Row {
  readonly platform: string;
  readonly measured: readonly Measured[];
}

/** One line for each platform: time, calls and digest of each verb. */
export function table(rows: readonly Row[]): string {
  const head = ['', ...VERBS];
  const body = rows.map(({ platform, measured }) => [platform, ...measured.map(cell)]);
  const widths = head.map((text, column) =>
    Math.max(text.length, ...body.map((cells) => cells[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]): string =>
    cells
      .map((text, column) => text.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  return [line(head), ...body.map(line)].join('\n');
}

function cell({ durationMs, wireCalls, digest }: Measured): string {
  const time =
    durationMs < 1_000 ? `${Math.round(durationMs)} ms` : `${(durationMs / 1_000).toFixed(1)} s`;
  return `${time} ${wireCalls === null ? '-' : wireCalls} ${digest}`;
}

/** The verbs whose answers are not the same everywhere. */
export function differing(rows: readonly Row[]): readonly string[] {
  return VERBS.filter(
    (_verb, index) => new Set(rows.map(({ measured }) => measured[index]?.digest)).size > 1,
  );
}
