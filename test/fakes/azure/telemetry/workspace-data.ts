import type { Row, Table, Value } from './kql/values.ts';
import { COLUMNS, type TableName } from './tables.ts';

/** How long it takes until what was sent can be queried. */
const INGESTION_MS = 2 * 60_000;

interface Stored {
  readonly timeMs: number;
  readonly visibleAt: number;
  readonly row: Row;
}

/** What a workspace holds. */
export class WorkspaceData {
  readonly #tables = new Map<string, Stored[]>();
  /** How many records there are of a millisecond, by table and time. */
  readonly #counts = new Map<string, number>();

  /** @param timeMs when it happened; @param now when it is sent */
  add(
    table: TableName,
    timeMs: number,
    now: number,
    values: Readonly<Record<string, Value>>,
  ): void {
    const time = this.#precise(table, timeMs);
    const row = (COLUMNS.get(table) ?? []).map(({ name, type }): Value => {
      if (name === 'TimeGenerated') return time;
      return values[name] ?? (type === 'string' ? '' : null);
    });
    const stored = this.#tables.get(table) ?? [];
    this.#tables.set(table, stored);
    stored.push({ timeMs: time, visibleAt: now + INGESTION_MS, row });
  }

  /** All tables, as they can be queried now. Their rows come in no order: here, the last come first. */
  tables(
    now: number,
    window: { readonly from: number; readonly to: number },
  ): ReadonlyMap<string, Table> {
    const result = new Map<string, Table>();
    for (const [name, columns] of COLUMNS) {
      const rows = (this.#tables.get(name) ?? [])
        .filter(
          ({ timeMs, visibleAt }) =>
            visibleAt <= now && timeMs >= window.from && timeMs < window.to,
        )
        .map(({ row }) => row)
        .toReversed();
      result.set(name, { columns, rows });
    }
    return result;
  }

  /** Times are finer than the clock: what happens within one of its milliseconds keeps its order. */
  #precise(table: TableName, timeMs: number): number {
    const ms = Math.floor(timeMs);
    const key = `${table} ${ms}`;
    const count = this.#counts.get(key) ?? 0;
    this.#counts.set(key, count + 1);
    return ms + count / 1000;
  }
}
