/** Loads `node:sqlite` without its ExperimentalWarning, and without hiding any other warning. */

type Sqlite = typeof import('node:sqlite');

let loaded: Sqlite | undefined;

/**
 * The module is loaded when a store is opened and not on import, because Node 22 warns while it loads.
 * `process.emitWarning` is replaced only for the length of that one synchronous load.
 */
export function loadSqlite(): Sqlite {
  if (loaded !== undefined) return loaded;
  // oxlint-disable-next-line typescript/unbound-method -- put back below, and called on `process`
  const original = process.emitWarning;
  process.emitWarning = (...warning: readonly unknown[]): void => {
    if (isSqliteWarning(warning)) return;
    Reflect.apply(original, process, warning);
  };
  try {
    loaded = process.getBuiltinModule('node:sqlite');
  } finally {
    process.emitWarning = original;
  }
  return loaded;
}

function isSqliteWarning([warning, type]: readonly unknown[]): boolean {
  return type === 'ExperimentalWarning' && String(warning).startsWith('SQLite ');
}
