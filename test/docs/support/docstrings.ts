/** The examples in docstrings of what users import. */
import { existsSync } from 'node:fs';
import { join, posix } from 'node:path';
import { packageDescription, root } from '../../packaging-checks/support/repository.ts';
import { readPage, type Snippet, snippetsOf } from './pages.ts';

/** The files whose exports a public entry point hands on, itself among them. */
export function publicFiles(): readonly string[] {
  const found = new Set<string>();
  const visit = (path: string): void => {
    if (found.has(path)) return;
    found.add(path);
    const statements = /^export\s+(?:type\s+)?(?:\*|\{[^}]*\})\s*from\s*'(\.[^']+)'/gm;
    for (const [, specifier = ''] of readPage(path).matchAll(statements))
      visit(posix.join(posix.dirname(path), specifier));
  };
  for (const target of Object.values(packageDescription().exports))
    if (typeof target !== 'string') visit(sourceOf(target.default));
  return [...found].sort();
}

function sourceOf(built: string): string {
  const path = built.replace(/^\.\/dist\//, '').replace(/\.js$/, '.ts');
  if (!existsSync(join(root, path))) throw new Error(`${built} is not built from ${path}`);
  return path;
}

/** The text with all but the docstrings made blank, line by line, so that lines keep their numbers. */
function docstringsOnly(text: string): string {
  let inside = false;
  return text
    .split('\n')
    .map((line) => {
      if (/^\s*\/\*\*/.test(line)) inside = true;
      const shown = inside ? line.replace(/^\s*\/?\*+(?:\/|[ ]?)/, '') : '';
      if (line.includes('*/')) inside = false;
      return shown;
    })
    .join('\n');
}

export interface Docstrings {
  /** The blocks of the examples. */
  readonly examples: readonly Snippet[];
  /** `path:line` of each `@example` without a block. */
  readonly withoutCode: readonly string[];
}

export function docstringExamples(): Docstrings {
  const examples: Snippet[] = [];
  const withoutCode: string[] = [];
  for (const path of publicFiles()) {
    const text = docstringsOnly(readPage(path));
    const snippets = snippetsOf(path, text);
    examples.push(...snippets);
    const starts = new Set(snippets.map(({ line }) => line));
    text.split('\n').forEach((line, index) => {
      // The fence is on the next line, the code on the one after; lines count from 1.
      if (line.startsWith('@example') && !starts.has(index + 3))
        withoutCode.push(`${path}:${index + 1}`);
    });
  }
  return { examples, withoutCode };
}
