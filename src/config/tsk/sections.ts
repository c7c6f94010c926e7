import type { TskTable } from './parse.ts';

/** A table that a section made, or passed through on the way to a deeper one. */
interface Section {
  readonly table: TskTable;
  opened: boolean;
}

/** The tree that `[a.b]` sections grow. A section can be opened once, and never inside a value. */
export class SectionTree {
  readonly root: TskTable = {};
  readonly #sections = new Map<unknown, Section>();

  /**
   * @param onMade told each table that grew a branch, and the key of the branch.
   * @returns the table of a section, or undefined when it is set already.
   */
  open(
    path: readonly string[],
    onMade: (table: TskTable, key: string) => void,
  ): TskTable | undefined {
    let section: Section | undefined = { table: this.root, opened: true };
    for (const key of path) {
      section = this.#child(section.table, key, onMade);
      if (section === undefined) return undefined;
    }
    if (section.opened) return undefined;
    section.opened = true;
    return section.table;
  }

  #child(
    table: TskTable,
    key: string,
    onMade: (table: TskTable, key: string) => void,
  ): Section | undefined {
    if (Object.hasOwn(table, key)) return this.#sections.get(table[key]);
    const made: Section = { table: {}, opened: false };
    table[key] = made.table;
    this.#sections.set(made.table, made);
    onMade(table, key);
    return made;
  }
}
