import { existsSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, posix, relative, sep } from 'node:path';
import type { ServerlessError } from '../errors/index.ts';
import { type SourcePlace, SourcePositions } from '../spi/source-positions.ts';
import { besideProblem } from './beside-code.ts';
import { ENTRY_NAME } from './entry-module.ts';
import { refused } from './errors.ts';
import type { ProbeOutcome } from './probe.ts';

/** What is known of the bundle that was loaded. */
export interface LoadedBundle {
  /** The root of the sources. */
  readonly root: string;
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
  const place = placeOf(outcome.stack, bundle);
  const at = place && `${place.source}:${place.line}:${place.column}`;
  const missing = missingFile(outcome.error, bundle, place?.source ?? entry);
  const error = (missing?.error ?? outcome.error)
    .replaceAll(bundle.folder + sep, '')
    .replace(/\.$/, '');
  const printed = outcome.printed === '' ? '' : ` It printed: ${outcome.printed.slice(0, 400)}`;
  return refused(
    functionName,
    `${at ?? entry} could not be loaded to find what it handles: ${error}.${printed} ${nextStep(error, missing?.next)}`,
    { details: { file: entry, error, ...(at === undefined ? {} : { at }) } },
  );
}

const NEXT_STEP =
  "Correct the code, or declare `handles`, such as handles: ['invoke']: then it is not loaded here. Here it finds the declared `env`, with a stand-in for each secret, and no other variable.";

function nextStep(error: string, missing: string | undefined): string {
  if (error.includes('is not defined in ES module scope'))
    return 'It is written as CommonJS, and counts as an ES module: the nearest package.json says `"type": "module"`. Rename the file so that it ends in .cjs, or write `export` and `import`.';
  return missing ?? NEXT_STEP;
}

/** What is said of a file that the code looked for beside itself, where it has only what was packaged. */
function missingFile(
  error: string,
  { root, folder, entryFile }: LoadedBundle,
  source: string,
): { readonly error: string; readonly next: string } | undefined {
  const path = /\bENOENT\b.* '([^']+)'/.exec(error)?.[1];
  if (path === undefined || !isAbsolute(path)) return undefined;
  const inPackage = slashed(relative(folder, path));
  const written = slashed(relative(dirname(join(folder, entryFile)), path));
  const isElsewhere = inPackage.startsWith('../');
  if (source.startsWith('../')) {
    const next = `"${inPackage}" is not in the package, and what reads it lies outside of the root: name the package that it belongs to in \`package.external\`, or set \`root\` to a folder that holds both and name the file in \`package.include\`.`;
    return isElsewhere ? undefined : { error, next };
  }
  const beside = posix.join(posix.dirname(source), written);
  if (beside !== inPackage && !beside.startsWith('../') && existsSync(join(root, beside))) {
    const next = `It ${besideProblem(source, written, existsSync(join(folder, beside)))}.`;
    // Where it was looked for is a place of the cache, which says nothing.
    return { error: error.replaceAll(path, written), next };
  }
  const next = `"${inPackage}" is not in the package: name it in \`package.include\`.`;
  return isElsewhere ? undefined : { error, next };
}

const slashed = (path: string): string => path.replaceAll(sep, '/');

/** The first place of the stack that is in the user's code. */
function placeOf(
  stack: string,
  { folder, entryFile, sourceMap, nameOf }: LoadedBundle,
): SourcePlace | undefined {
  const positions = new SourcePositions({
    path: [basename(folder), entryFile],
    readMap: () => Buffer.from(sourceMap).toString('utf8'),
  });
  // Where nothing is known, the file alone is named.
  return positions
    .placesIn(stack)
    .map((place) => ({ ...place, source: place.source.replace(/^polyfaas-inline:/, '') }))
    .find(({ source }) => source !== ENTRY_NAME && !/^(?:polyfaas|shim):/.test(nameOf(source)));
}
