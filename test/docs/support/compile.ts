/** Compiles snippets, each page in a folder of its own, with one run of the compiler. */
import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { root } from '../../packaging-checks/support/repository.ts';
import type { Snippet } from './pages.ts';

export const fixtures = join(import.meta.dirname, '..', 'fixtures');

/** @returns one line for each problem: page, line and message. */
export async function compile(snippets: readonly Snippet[]): Promise<readonly string[]> {
  // Inside the repository, so that packages are found; git ignores it.
  const cache = join(root, 'node_modules', '.cache', 'polyfaas-snippets');
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, 'run-'));
  try {
    const pages = new Map<string, string>();
    const places = snippets.map((snippet) => {
      const own = `page-${snippet.page.replaceAll(/[^\w]+/g, '-')}`;
      if (!pages.has(own)) cpSync(fixtures, join(folder, own), { recursive: true });
      pages.set(own, snippet.page);
      const name = snippet.file ?? `line-${snippet.line}.${snippet.language}`;
      const path = join(folder, own, name);
      mkdirSync(dirname(path), { recursive: true });
      // As many lines stand before the code as in the page, so that the compiler counts them as a reader does.
      writeFileSync(path, `${'\n'.repeat(snippet.line - 1)}${snippet.code}\n`);
      return `${own}/${name}`;
    });
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
    writeFileSync(join(folder, 'tsconfig.json'), settings(places));
    const output = await runCompiler(folder);
    return output
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => inPage(line, pages));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const settings = (files: readonly string[]): string =>
  JSON.stringify({
    extends: join(root, 'tsconfig.json'),
    compilerOptions: {
      rootDir: root,
      noEmit: true,
      allowImportingTsExtensions: true,
      rewriteRelativeImportExtensions: false,
      allowJs: true,
      checkJs: true,
    },
    files,
    include: [],
  });

function runCompiler(folder: string): Promise<string> {
  const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const words = [compiler, '-p', '.', '--pretty', 'false'];
  return new Promise((resolve, reject) => {
    execFile(process.execPath, words, { cwd: folder }, (error, stdout, stderr) => {
      if (error && stdout === '') reject(new Error(`the compiler failed: ${stderr}`));
      else resolve(stdout);
    });
  });
}

/** `page-README-md/line-7.ts(9,3): error ...` is `README.md:9: error ...`. */
function inPage(line: string, pages: ReadonlyMap<string, string>): string {
  const [whole, own = '', file = '', number = ''] =
    /^([^/(]+)\/([^(]+)\((\d+),\d+\): /.exec(line) ?? [];
  const page = pages.get(own);
  if (whole === undefined || page === undefined) return line;
  const where = file.startsWith('line-') ? `${page}:${number}` : `${page}:${number} (${file})`;
  return `${where}: ${line.slice(whole.length)}`;
}
