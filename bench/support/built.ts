/** What the benchmarks measure is what users run: the built files. */
import { existsSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** The folder of the build: `--dist <folder>`, else `dist` of this repository. */
export function distFolder(argv: readonly string[] = process.argv): URL {
  const index = argv.indexOf('--dist');
  const given = index < 0 ? undefined : argv[index + 1];
  const folder = given
    ? pathToFileURL(given.endsWith('/') ? given : `${given}/`)
    : new URL('../../dist/', import.meta.url);
  if (!existsSync(folder)) {
    throw new Error(
      `There is no build at ${fileURLToPath(folder)}: run "npm run build", or name one with --dist.`,
    );
  }
  return folder;
}
