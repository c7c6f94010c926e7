import type { LocalStore } from '../ports.ts';
import { nextTurn } from './turn.ts';

/** Nobody else gets a turn while rows are deleted. A batch may hold a thousand calls. */
const ROWS_AT_ONCE = { rec_batches: 500, rec_logs: 5_000 } as const;

export type RecordTable = keyof typeof ROWS_AT_ONCE;

/** Deletes some at a time. Others have their turns meanwhile, and one of them may close the store, which ends it. */
export async function deleteRows(
  store: LocalStore,
  table: RecordTable,
  condition: string,
  values: readonly (string | number)[],
): Promise<void> {
  const atOnce = ROWS_AT_ONCE[table];
  const sql = `DELETE FROM ${table} WHERE id IN (SELECT id FROM ${table} WHERE ${condition} LIMIT ${atOnce})`;
  let deleted: number = atOnce;
  while (deleted === atOnce && store.db.isOpen) {
    deleted = store.transaction(() => Number(store.db.prepare(sql).run(...values).changes));
    await nextTurn();
  }
}
