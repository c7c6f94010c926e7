import type { FunctionRef, JsonObject } from 'polyfaas/spi';

export type Warn = (message: string, fields: JsonObject) => void;

/** Says aloud that stored rows cannot be read: once for each function and table, for every read meets them again. */
export class Damage {
  readonly #warn: Warn;
  readonly #told = new Set<string>();

  constructor(warn: Warn) {
    this.#warn = warn;
  }

  met(table: 'rec_batches' | 'rec_logs', { app, stage, name }: FunctionRef): void {
    const key = `${table} ${app}/${stage}/${name}`;
    if (this.#told.has(key)) return;
    this.#told.add(key);
    const [what, where] =
      table === 'rec_logs' ? ['log lines', 'log'] : ['records of calls', 'metrics'];
    this.#warn(
      `Some ${what} of the function "${name}" cannot be decoded and are left out of its ${where}: the state folder was damaged or changed by hand.`,
      { app, stage, function: name, table },
    );
  }
}
