/** Which modules a source file names. */
import { stripComments } from '../../../scripts/declarations/statements.ts';

export interface Import {
  readonly specifier: string;
  /** `type`: gone at run time. `dynamic`: `import()`. */
  readonly form: 'static' | 'type' | 'dynamic';
}

/** Reads `import`, `export ... from` and `import()` with a literal; code inside template strings does not count. */
export function readImports(text: string): readonly Import[] {
  const code = stripComments(text).replace(/`(?:\\.|[^`\\])*`/g, '``');
  const found: Import[] = [];
  const statements =
    /^[ \t]*(?:import|export)\s+(type\s)?(?:[\w$*{},\s]*?\bfrom\s*)?['"]([^'"\n]+)['"]/gm;
  for (const [, typeOnly, specifier = ''] of code.matchAll(statements))
    found.push({ specifier, form: typeOnly ? 'type' : 'static' });
  for (const [, before, specifier = ''] of code.matchAll(
    /(\bawait\s+|\btypeof\s+)?\bimport\(\s*['"]([^'"\n]+)['"]/g,
  ))
    found.push({ specifier, form: before?.startsWith('typeof') ? 'type' : 'dynamic' });
  return found;
}
