/** The pages of the documentation, and the code in them. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../packaging-checks/support/repository.ts';

/** One fenced block. */
export interface Snippet {
  /** The page or source file, relative to the root. */
  readonly page: string;
  /** Where its code begins in the page, counted from 1. */
  readonly line: number;
  readonly language: string;
  readonly code: string;
  /** The file that the reader keeps it in: what a first line such as `// functions/orders.ts` says. */
  readonly file: string | undefined;
}

const PAGES = [
  'README.md',
  'CONTRIBUTING.md',
  'docs/**/*.md',
  'examples/README.md',
  'providers/*/README.md',
];

export const pagePaths = (): readonly string[] =>
  globSync(PAGES, { cwd: root })
    .map((path) => path.replaceAll('\\', '/'))
    .sort();

export const readPage = (path: string): string => readFileSync(join(root, path), 'utf8');

export const pageSnippets = (): readonly Snippet[] =>
  pagePaths().flatMap((path) => snippetsOf(path, readPage(path)));

const OPENING = /^( *)```(.*)$/;

/** All fenced blocks of a text, in order. */
export function snippetsOf(page: string, text: string): readonly Snippet[] {
  const lines = text.split('\n');
  const snippets: Snippet[] = [];
  for (let index = 0; index < lines.length; index += 1) {
    const [, indent, language] = OPENING.exec(lines[index] ?? '') ?? [];
    if (indent === undefined || language === undefined) continue;
    const start = index + 1;
    for (index = start; (lines[index] ?? '```').trim() !== '```'; index += 1);
    const code = lines
      .slice(start, index)
      .map((line) => line.slice(Math.min(indent.length, line.length - line.trimStart().length)))
      .join('\n');
    const file = /^\/\/ ([\w./-]+\.m?[tj]s)\b/.exec(code)?.[1];
    snippets.push({ page, line: start + 1, language: language.trim(), code, file });
  }
  return snippets;
}

/** Says whether a snippet is code that a compiler reads. */
export const isCode = ({ language }: Snippet): boolean => /^m?[tj]s$/.test(language);
