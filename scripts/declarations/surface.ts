/** What users of one entry point can see: its exports, and everything of the package that they lead to. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { type Statement, readStatements } from './statements.ts';

/** One declaration: its file, without extension and relative to the package, and its text. */
export interface Declaration {
  readonly file: string;
  readonly name: string;
  readonly text: string;
}

export interface Surface {
  /** By exported name, sorted. */
  readonly exports: ReadonlyMap<string, Declaration>;
  /** Declarations that the exports name, and which are not exported themselves. */
  readonly reached: readonly Declaration[];
  /** Modules outside the package, with the names taken from each: `node:sqlite` -> `DatabaseSync`. */
  readonly external: ReadonlyMap<string, ReadonlySet<string>>;
}

/** Where a name is declared: in a file of the package, or in a module outside. */
type Found =
  | { readonly file: string; readonly name: string }
  | { readonly module: string; readonly name: string };

/** Reads the declaration files of one built package. */
export class DeclarationReader {
  readonly #root: string;
  readonly #entries: ReadonlyMap<string, string>;
  readonly #files = new Map<string, readonly Statement[]>();

  /**
   * @param root the folder of the built package
   * @param entries specifier -> declaration file, such as `polyfaas/spi` -> `dist/src/spi/index.d.ts`
   */
  constructor(root: string, entries: ReadonlyMap<string, string>) {
    this.#root = root;
    this.#entries = entries;
  }

  surface(specifier: string): Surface {
    const entry = this.#entries.get(specifier);
    if (entry === undefined) throw new Error(`${specifier} is not an entry point`);
    const names = this.#exportsOf(join(this.#root, entry), new Set());
    const external = new Map<string, Set<string>>();
    const exports = new Map<string, Declaration>();
    const seen = new Set<string>();
    const queue: Declaration[] = [];
    const reached: Declaration[] = [];
    /** Follows a name once; those outside the package are only noted. */
    const follow = (found: Found): Declaration | undefined => {
      if ('module' in found) {
        const taken = external.get(found.module) ?? new Set<string>();
        external.set(found.module, taken.add(found.name));
        return undefined;
      }
      const key = `${found.file}#${found.name}`;
      if (seen.has(key)) return undefined;
      seen.add(key);
      const declaration = this.#declarationOf(found.file, found.name);
      queue.push(declaration);
      return declaration;
    };
    for (const [name, found] of [...names].sort(([a], [b]) => (a < b ? -1 : 1))) {
      follow(found);
      exports.set(name, this.#exported(found));
    }
    for (let next = queue.shift(); next; next = queue.shift()) {
      for (const found of this.#mentions(next)) {
        const declaration = follow(found);
        if (declaration) reached.push(declaration);
      }
    }
    reached.sort((a, b) => (`${a.file}#${a.name}` < `${b.file}#${b.name}` ? -1 : 1));
    return { exports, reached, external };
  }

  #statements(file: string): readonly Statement[] {
    let statements = this.#files.get(file);
    if (!statements) {
      statements = readStatements(readFileSync(file, 'utf8'));
      this.#files.set(file, statements);
    }
    return statements;
  }

  /** The declaration file behind a specifier, or undefined for one outside the package. */
  #resolve(file: string, specifier: string): string | undefined {
    const entry = this.#entries.get(specifier);
    if (entry !== undefined) return join(this.#root, entry);
    if (!specifier.startsWith('.')) return undefined;
    const path = join(dirname(file), specifier.replace(/\.[jt]s$/, '.d.ts'));
    if (!existsSync(path)) throw new Error(`${file} names ${specifier}, which is not there`);
    return path;
  }

  #exportsOf(file: string, visiting: Set<string>): Map<string, Found> {
    const names = new Map<string, Found>();
    if (visiting.has(file)) return names;
    visiting.add(file);
    for (const statement of this.#statements(file)) {
      if (statement.kind === 'declare' && statement.exported)
        names.set(statement.name, { file, name: statement.name });
      if (statement.kind === 'export')
        for (const { outside, inside } of statement.names) {
          const found = this.#lookUp(file, inside, statement.from);
          if (found) names.set(outside, found);
        }
      if (statement.kind === 'exportAll') {
        const target = this.#resolve(file, statement.from);
        if (target === undefined) throw new Error(`${file} exports all of ${statement.from}`);
        for (const [name, found] of this.#exportsOf(target, visiting))
          if (!names.has(name)) names.set(name, found);
      }
    }
    visiting.delete(file);
    return names;
  }

  /** Where a name that is used in a file is declared; undefined when the file has no such name. */
  #lookUp(file: string, name: string, from?: string): Found | undefined {
    if (from !== undefined) {
      const target = this.#resolve(file, from);
      if (target === undefined) return { module: from, name };
      return this.#exportsOf(target, new Set()).get(name);
    }
    for (const statement of this.#statements(file)) {
      if (statement.kind === 'declare' && statement.name === name) return { file, name };
      if (statement.kind === 'import') {
        const pair = statement.names.find(({ inside }) => inside === name);
        if (pair) return this.#lookUp(file, pair.outside, statement.from);
      }
    }
    return undefined;
  }

  #exported(found: Found): Declaration {
    if ('file' in found) return this.#declarationOf(found.file, found.name);
    const { module, name } = found;
    return { file: module, name, text: `export { ${name} } from '${module}';` };
  }

  #declarationOf(file: string, name: string): Declaration {
    const texts = this.#statements(file).flatMap((statement) =>
      (statement.kind === 'declare' && statement.name === name) || statement.kind === 'augment'
        ? [statement.text]
        : [],
    );
    return { file: this.#label(file), name, text: texts.join('\n') };
  }

  /** What a declaration names. */
  #mentions(declaration: Declaration): readonly Found[] {
    const file = join(this.#root, `${declaration.file}.d.ts`);
    const found: (Found | undefined)[] = [];
    const inline = /\bimport\(["']([^"']+)["']\)(?:\.([\w$]+))?/g;
    for (const [, from = '', name = '*'] of declaration.text.matchAll(inline))
      found.push(this.#lookUp(file, name, from));
    const words = new Set(withoutStrings(declaration.text).match(/[A-Za-z_$][\w$]*/g));
    for (const statement of this.#statements(file)) {
      if (statement.kind === 'declare' && words.has(statement.name))
        found.push({ file, name: statement.name });
      if (statement.kind !== 'import') continue;
      for (const { outside, inside } of statement.names)
        if (words.has(inside)) found.push(this.#lookUp(file, outside, statement.from));
    }
    return found.filter((one) => one !== undefined);
  }

  #label(file: string): string {
    return relative(this.#root, file)
      .split(sep)
      .join('/')
      .replace(/\.d\.ts$/, '');
  }
}

function withoutStrings(text: string): string {
  return text.replace(/"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'/g, '');
}

/** The entry points of a package: specifier -> declaration file. */
export function readEntries(packageFolder: string): ReadonlyMap<string, string> {
  const { name, exports }: { name: string; exports: Record<string, string | { types: string }> } =
    JSON.parse(readFileSync(join(packageFolder, 'package.json'), 'utf8'));
  return new Map(
    Object.entries(exports).flatMap(([path, target]) =>
      typeof target === 'string' ? [] : [[path.replace(/^\./, name), target.types] as const],
    ),
  );
}
