/** All files of a deployment, as the Build Output API (version 3) has them. Pure: the same wish gives the same bytes. */
import { createHash } from 'node:crypto';
import { type ArtifactFile, canonicalJson } from 'polyfaas/spi';
import { refusal } from '../execute/refusals.ts';
import { MANIFEST_FILE } from '../manifest.ts';
import type { KeptFile } from '../record.ts';
import { ENTRY_FILE } from '../shim/packaging.ts';
import type { DeploymentInput } from '../steps.ts';
import { functionConfig, functionManifest, outputConfig } from './config.ts';
import { plannedFunctions, type PlannedFunction } from './functions.ts';

/** Of a project: where Vercel looks for what is built already. */
export const OUTPUT_FOLDER = '.vercel/output';

/** A file below {@link OUTPUT_FOLDER}; its mode has the type of a regular file in it. */
export interface OutputFile {
  readonly path: string;
  readonly mode: number;
  readonly bytes: Uint8Array;
}

/** A file of a deployment, by the digest that Vercel keeps its bytes under. As `POST /v13/deployments` takes it. */
export interface FileReference {
  readonly file: string;
  readonly sha: string;
  readonly size: number;
  readonly mode: number;
}

/** What the output is made from: all but where it goes, and who goes on. */
export type OutputInput = Pick<
  DeploymentInput,
  'ref' | 'version' | 'config' | 'policies' | 'async' | 'crons' | 'region' | 'queueEndpoint'
>;

const FUNCTION_CONFIG = '.vc-config.json';
const REGULAR_FILE = 0o100000;
const GENERATED_MODE = REGULAR_FILE | 0o644;

/** `config.json`, and the two files of each function that are no code. Sorted by path. */
export function generatedFiles(input: OutputInput): readonly OutputFile[] {
  const files = [textFile('config.json', outputConfig(input))];
  for (const planned of plannedFunctions(input)) {
    files.push(
      textFile(inFunction(planned, FUNCTION_CONFIG), functionConfig(input, planned)),
      textFile(inFunction(planned, MANIFEST_FILE), functionManifest(input, planned.serves)),
    );
  }
  return sorted(files, ({ path }) => path);
}

/**
 * Everything, with the code in each of the functions. Sorted by path.
 *
 * @throws ServerlessError INVALID_ARGUMENT for code without the file that Vercel loads.
 */
export function outputFiles(
  artifact: readonly ArtifactFile[],
  input: OutputInput,
): readonly OutputFile[] {
  const code = codeFiles(artifact);
  const copies = plannedFunctions(input).flatMap((planned) =>
    code.map(({ path, mode, bytes }) => ({
      path: inFunction(planned, path),
      mode: REGULAR_FILE | mode,
      bytes,
    })),
  );
  return sorted([...generatedFiles(input), ...copies], ({ path }) => path);
}

/** What is noted of a version's code, so that it can be deployed again without it. Sorted by path. */
export function keptFiles(artifact: readonly ArtifactFile[]): readonly KeptFile[] {
  return codeFiles(artifact).map(({ path, mode, bytes }) => ({
    path,
    sha: shaOf(bytes),
    size: bytes.byteLength,
    mode: REGULAR_FILE | mode,
  }));
}

/** The same deployment as {@link outputFiles}, of code that Vercel has already. Sorted by path. */
export function fileReferences(
  kept: readonly KeptFile[],
  generated: readonly OutputFile[],
  input: OutputInput,
): readonly FileReference[] {
  const own = generated.map(({ path, mode, bytes }) => ({
    file: `${OUTPUT_FOLDER}/${path}`,
    sha: shaOf(bytes),
    size: bytes.byteLength,
    mode,
  }));
  const code = plannedFunctions(input).flatMap((planned) =>
    kept.map(({ path, sha, size, mode }) => ({
      file: `${OUTPUT_FOLDER}/${inFunction(planned, path)}`,
      sha,
      size,
      mode,
    })),
  );
  return sorted([...own, ...code], ({ file }) => file);
}

/** SHA-1, hexadecimal: what Vercel knows the bytes of a file by. */
export function shaOf(bytes: Uint8Array): string {
  return createHash('sha1').update(bytes).digest('hex');
}

/** By their paths from the folder that {@link OUTPUT_FOLDER} is in. */
export function modesOf(files: readonly OutputFile[]): ReadonlyMap<string, number> {
  return new Map(files.map(({ path, mode }) => [`${OUTPUT_FOLDER}/${path}`, mode]));
}

/** Without what is written for each function anew. */
function codeFiles(artifact: readonly ArtifactFile[]): readonly ArtifactFile[] {
  const code = artifact.filter(({ path }) => path !== MANIFEST_FILE && path !== FUNCTION_CONFIG);
  if (!code.some(({ path }) => path === ENTRY_FILE)) {
    throw refusal(
      'INVALID_ARGUMENT',
      `The artifact has no file "${ENTRY_FILE}", which Vercel loads. Package the function anew with this version of polyfaas.`,
    );
  }
  return sorted(code, ({ path }) => path);
}

function inFunction({ name }: PlannedFunction, path: string): string {
  return `functions/${name}.func/${path}`;
}

/** Keys in order: so that the bytes depend on nothing but what they say. */
function textFile(path: string, value: object): OutputFile {
  return { path, mode: GENERATED_MODE, bytes: Buffer.from(`${canonicalJson(value)}\n`) };
}

function sorted<Item>(items: readonly Item[], key: (item: Item) => string): readonly Item[] {
  return items.toSorted((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0));
}
