import { basename, sep } from 'node:path';
import type { ServerlessError } from '../errors/index.ts';
import { SourcePositions } from '../spi/source-positions.ts';
import { ENTRY_NAME } from './entry-module.ts';
import { refused } from './errors.ts';
import type { ProbeOutcome } from './probe.ts';

/** What is known of the bundle that was loaded. */
export interface LoadedBundle {
  /** Where it was loaded: a folder of the cache. */
  readonly folder: string;
  readonly entryFile: string;
  readonly sourceMap: Uint8Array;
  /** The root-relative path of a file, as digests name it. */
  readonly nameOf: (path: string) => string;
}

/** A bundle that could not be loaded, told in the user's own lines. */
export function loadRefused(
  functionName: string,
  entry: string,
  bundle: LoadedBundle,
  outcome: Extract<ProbeOutcome, { type: 'failed' }>,
): ServerlessError {
  const at = placeOf(outcome.stack, bundle);
  const missing = missingFile(outcome.error, bundle.folder);
  const error = outcome.error.replaceAll(bundle.folder + sep, '').replace(/\.$/, '');
  const printed = outcome.printed === '' ? '' : ` It printed: ${outcome.printed.slice(0, 400)}`;
  return refused(
    functionName,
    `${at ?? entry} could not be loaded to find what it handles: ${error}.${printed} ${nextStep(error, at ?? entry, missing)}`,
    { details: { file: entry, error, ...(at === undefined ? {} : { at }) } },
  );
}

const NEXT_STEP =
  "Correct the code, or declare `handles`, such as handles: ['invoke']: then it is not loaded here. Here it finds the declared `env`, with a stand-in for each secret, and no other variable.";

function nextStep(error: string, at: string, missing: string | undefined): string {
  if (error.includes('is not defined in ES module scope'))
    return 'It is written as CommonJS, and counts as an ES module: the nearest package.json says `"type": "module"`. Rename the file so that it ends in .cjs, or write `export` and `import`.';
  if (missing === undefined) return NEXT_STEP;
  return at.startsWith('../')
    ? `"${missing}" is not in the package, and what reads it lies outside of the root: name the package that it belongs to in \`package.external\`, or set \`root\` to a folder that holds both and name the file in \`package.include\`.`
    : `"${missing}" is not in the package: name it in \`package.include\`.`;
}

/** What the code looked for beside itself, where it has only what was packaged. */
function missingFile(error: string, folder: string): string | undefined {
  if (!error.includes('ENOENT')) return undefined;
  const [, after] = error.split(`'${folder}${sep}`);
  return after?.split("'")[0]?.replaceAll(sep, '/');
}

/** The first place of the stack that is in the user's code, as `file:line:column` of the sources. */
function placeOf(
  stack: string,
  { folder, entryFile, sourceMap, nameOf }: LoadedBundle,
): string | undefined {
  const positions = new SourcePositions({
    path: [basename(folder), entryFile],
    readMap: () => Buffer.from(sourceMap).toString('utf8'),
  });
  const own = positions
    .placesIn(stack)
    .map((place) => ({ ...place, source: place.source.replace(/^polyfaas-inline:/, '') }))
    .find(({ source }) => source !== ENTRY_NAME && !/^(?:polyfaas|shim):/.test(nameOf(source)));
  // Where nothing is known, the file alone is named.
  return own && `${own.source}:${own.line}:${own.column}`;
}
