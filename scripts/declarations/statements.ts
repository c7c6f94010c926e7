/**
 * Reads the top-level statements of a declaration file that `tsc` emitted. TypeScript 7 has no compiler API, and the
 * emitted text is regular enough for a scanner.
 */

/** A name that a statement brings in or hands out, with the name it has on the other side. */
export interface NamePair {
  readonly outside: string;
  readonly inside: string;
}

/** One top-level statement of a declaration file. */
export type Statement =
  | { readonly kind: 'import'; readonly from: string; readonly names: readonly NamePair[] }
  | {
      readonly kind: 'export';
      readonly from: string | undefined;
      readonly names: readonly NamePair[];
    }
  | { readonly kind: 'exportAll'; readonly from: string; readonly as: string | undefined }
  | { readonly kind: 'augment'; readonly module: string; readonly text: string }
  | {
      readonly kind: 'declare';
      readonly name: string;
      readonly exported: boolean;
      readonly text: string;
    };

/** Reads all statements; comments are dropped and white space is made even. */
export function readStatements(text: string): readonly Statement[] {
  return splitStatements(stripComments(text)).flatMap((statement) => classify(statement));
}

/** Removes comments, and leaves strings alone. */
export function stripComments(text: string): string {
  return text.replace(
    /("(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`)|\/\*[\s\S]*?\*\/|\/\/[^\n]*/g,
    (_match, string: string | undefined) => string ?? '',
  );
}

const endsWithBrace =
  /^(?:export\s+)?(?:default\s+)?(?:declare\s+)?(?:abstract\s+)?(?:interface|class|namespace|module|enum)\b/;

/** Cuts at the semicolons and closing braces that stand outside all brackets. */
function splitStatements(text: string): readonly string[] {
  const statements: string[] = [];
  let depth = 0;
  let start = 0;
  const close = (end: number): void => {
    const statement = tidy(text.slice(start, end));
    if (statement !== '' && statement !== ';') statements.push(statement);
    start = end;
  };
  const tokens = /"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`|[{}()[\];]/g;
  for (const match of text.matchAll(tokens)) {
    const token = match[0];
    const end = match.index + token.length;
    if ('{(['.includes(token)) depth += 1;
    else if ('})]'.includes(token)) depth -= 1;
    if (depth !== 0) continue;
    if (token === ';') close(end);
    else if (token === '}' && endsWithBrace.test(text.slice(start, end).trimStart())) close(end);
  }
  close(text.length);
  return statements;
}

/** No empty lines, no trailing spaces, two spaces a level where `tsc` writes four. */
function tidy(text: string): string {
  return text
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => line !== '')
    .map((line) => line.replace(/^(?: {4})+/, (indent) => ' '.repeat(indent.length / 2)))
    .join('\n')
    .trim();
}

function classify(text: string): readonly Statement[] {
  const from = /\bfrom\s+['"]([^'"]+)['"];?$/.exec(text)?.[1];
  if (/^import\b/.test(text)) return [readImport(text, from)];
  const all = /^export\s+(?:type\s+)?\*\s*(?:as\s+(\S+)\s+)?from\b/.exec(text);
  if (all && from !== undefined) return [{ kind: 'exportAll', from, as: all[1] }];
  const list = /^export\s+(?:type\s+)?\{([^}]*)\}/.exec(text);
  if (list) return [{ kind: 'export', from, names: readNames(list[1] ?? '', 'export') }];
  const augmented = /^declare\s+module\s+['"]([^'"]+)['"]/.exec(text)?.[1];
  if (augmented !== undefined) return [{ kind: 'augment', module: augmented, text }];
  const name = declaredName(text);
  if (name === undefined) throw new Error(`cannot read this declaration: ${text.slice(0, 120)}`);
  return [{ kind: 'declare', name, exported: /^export\b/.test(text), text }];
}

function readImport(text: string, from: string | undefined): Statement {
  const bare = /^import\s+['"]([^'"]+)['"]/.exec(text)?.[1];
  const names: NamePair[] = [];
  const list = /\{([^}]*)\}/.exec(text)?.[1];
  if (list !== undefined) names.push(...readNames(list, 'import'));
  const whole = /\*\s+as\s+([\w$]+)/.exec(text)?.[1];
  if (whole !== undefined) names.push({ outside: '*', inside: whole });
  const standard = /^import\s+(?:type\s+)?([\w$]+)\s*(?:,|from)/.exec(text)?.[1];
  if (standard !== undefined && standard !== 'type')
    names.push({ outside: 'default', inside: standard });
  return { kind: 'import', from: from ?? bare ?? '', names };
}

function readNames(list: string, direction: 'import' | 'export'): readonly NamePair[] {
  return list
    .split(',')
    .map((part) => part.trim().replace(/^type\s+/, ''))
    .filter((part) => part !== '')
    .map((part) => {
      const [first = '', second = first] = part.split(/\s+as\s+/);
      return direction === 'import'
        ? { outside: first, inside: second }
        : { outside: second, inside: first };
    });
}

function declaredName(text: string): string | undefined {
  if (/^export\s+default\b/.test(text)) return 'default';
  return /^(?:export\s+)?(?:declare\s+)?(?:abstract\s+)?(?:const|let|var|function\*?|class|interface|type|namespace|enum|unique symbol)\s+([\w$]+)/.exec(
    text,
  )?.[1];
}
