import type { Warning } from '../../spi/plan.ts';
import type { TskTable, TskValue } from './parse.ts';

/** Collects what the mapping could not take over as it stands. */
export class Notes {
  readonly #warnings: Warning[] = [];

  get warnings(): readonly Warning[] {
    return this.#warnings;
  }

  add(type: Warning['type'], field: string, message: string): void {
    const same = this.#warnings.some((warning) => warning.message === `${field}: ${message}`);
    if (!same) this.#warnings.push({ type, field, message: `${field}: ${message}` });
  }
}

/** A table whose fields are taken one by one, so that what is left over can be told. */
export class Fields {
  readonly path: string;
  readonly notes: Notes;
  readonly #left: Map<string, TskValue>;

  constructor(table: TskTable, path: string, notes: Notes) {
    this.path = path;
    this.notes = notes;
    this.#left = new Map(Object.entries(table));
  }

  /** Takes the first of these fields that is there. */
  take(...names: readonly string[]): TskValue | undefined {
    for (const name of names) {
      const value = this.#left.get(name);
      if (value === undefined) continue;
      this.#left.delete(name);
      return value;
    }
    return undefined;
  }

  /** Takes a field that is a table, opened for taking its fields in turn. */
  open(...names: readonly string[]): Fields | undefined {
    const name = names.find((candidate) => isTable(this.#left.get(candidate)));
    const value = name === undefined ? undefined : this.#left.get(name);
    if (name === undefined || !isTable(value)) return undefined;
    this.#left.delete(name);
    return new Fields(value, `${this.path}.${name}`, this.notes);
  }

  /** All that was not taken, as a table. */
  rest(): TskTable {
    const table = Object.fromEntries(this.#left);
    this.#left.clear();
    return table;
  }

  /** Says of all that was not taken that it has no effect. */
  ignoreRest(why = 'has no equivalent and no effect. Remove it.'): void {
    for (const name of Object.keys(this.rest())) {
      this.notes.add('ignored', `${this.path}.${name}`, why);
    }
  }
}

/** True for a table: no list, and no reference to a secret. */
export function isTable(value: TskValue | undefined): value is TskTable {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !Object.hasOwn(value, '$secret')
  );
}

/** The fields of an object that have a value. */
export function given(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

/** A value as a list: itself when it is one. */
export function listOf(value: TskValue | undefined): readonly TskValue[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}
