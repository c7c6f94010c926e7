import type { ServerlessError } from '../../errors/serverless-error.ts';
import { shorten } from '../../spec/issues.ts';
import { typoOf } from '../../spec/nearest.ts';
import type { Warning } from '../../spi/plan.ts';
import { entryError, sameOrigin } from './origin.ts';
import type { TskTable, TskValue } from './parse.ts';

const NO_EFFECT = 'has no equivalent and no effect. Remove it.';

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

  /** Says that a value is of a kind that cannot be taken. Its kind only: the value may be a secret. */
  addWrongKind(field: string, value: TskValue, instead: string): void {
    this.add('ignored', field, `is ${kindOf(value)}, so it has no effect. ${instead}`);
  }
}

/** A table whose fields are taken one by one, so that what is left over can be told. */
export class Fields {
  readonly path: string;
  readonly notes: Notes;
  readonly #table: TskTable;
  readonly #left: Map<string, TskValue>;
  readonly #asked = new Set<string>();

  constructor(table: TskTable, path: string, notes: Notes) {
    this.path = path;
    this.notes = notes;
    this.#table = table;
    this.#left = new Map(Object.entries(table));
  }

  /** Takes the first of these fields that is there. Others of them beside it are told to have no effect. */
  take(...names: readonly string[]): TskValue | undefined {
    for (const name of names) this.#asked.add(name);
    const [first, ...others] = names.filter((name) => this.#left.has(name));
    if (first === undefined) return undefined;
    for (const other of others) {
      this.#left.delete(other);
      this.noteDouble(other, first);
    }
    const value = this.#left.get(first);
    this.#left.delete(first);
    return value;
  }

  /** Says that a field has no effect, because another one says the same. */
  noteDouble(name: string, counting: string): void {
    this.notes.add(
      'ignored',
      `${this.path}.${name}`,
      `"${counting}" beside it says the same and counts. Remove one of them.`,
    );
  }

  /** Takes the first of these fields that is there, when it is a table. Anything else is told to have no effect. */
  takeTable(instead: string, ...names: readonly string[]): TskTable | undefined {
    const name = names.find((candidate) => this.#left.has(candidate));
    const value = this.take(...names);
    if (name === undefined || value === undefined) return undefined;
    if (isTable(value)) return value;
    this.notes.addWrongKind(`${this.path}.${name}`, value, `Write ${name} = ${instead}.`);
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
    sameOrigin(this.#table, table);
    this.#left.clear();
    return table;
  }

  /**
   * Refuses what was not taken when it is a typo of a field that is asked for here: it would change what is deployed, or
   * where.
   *
   * @param elsewhere fields of other places: what is nearest to one of these is no typo of ours
   */
  refuseTypos(elsewhere: Iterable<string>): void {
    const known = [...this.#asked];
    for (const name of this.#left.keys()) {
      const meant = typoOf(name, [...known, ...elsewhere]);
      if (meant === undefined || !this.#asked.has(meant)) continue;
      const message = `"${shorten(name, 60)}" is unknown in ${this.path}. Did you mean "${meant}"? Rename or remove it.`;
      throw this.refusal(name, message);
    }
  }

  /** INVALID_ARGUMENT, with the place of the field where it is known. */
  refusal(name: string, message: string): ServerlessError {
    return entryError(this.#table, name, message);
  }

  /** Says of this field, where it is there, that it has no effect. Nothing else is a typo of it. */
  ignore(name: string): void {
    if (this.#left.delete(name)) this.notes.add('ignored', `${this.path}.${name}`, NO_EFFECT);
  }

  /** Says of all that was not taken that it has no effect. */
  ignoreRest(why = NO_EFFECT): void {
    for (const name of Object.keys(this.rest())) {
      this.notes.add('ignored', `${this.path}.${name}`, why);
    }
  }
}

function kindOf(value: TskValue): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  switch (typeof value) {
    case 'string':
      return 'a text';
    case 'number':
      return 'a number';
    case 'boolean':
      return 'true or false';
    default:
      return isTable(value) ? 'a block' : 'a secret';
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
