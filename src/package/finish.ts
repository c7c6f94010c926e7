import { hash } from 'node:crypto';
import { dirname, join } from 'node:path';
import { artifactFiles } from './artifact-files.ts';
import { ask } from './ask.ts';
import type { BuildRequest, Built } from './build.ts';
import type { Bundle } from './bundle.ts';
import { digestOf, type DigestInput } from './digest.ts';
import { stateOf, type FileState } from './file-state.ts';
import { guardsOf, type Guards, importPatterns } from './guards.ts';
import type { ManifestFacts } from './input-names.ts';
import { checkLimits } from './limits.ts';
import { fileNeedsProcess } from './native.ts';
import type { Probe } from './probe.ts';
import type { AddedFile } from './added-file.ts';
import { writeZip } from './zip.ts';

/** A build, and how it names files. */
export interface FinishRequest extends BuildRequest {
  readonly nameOf: (path: string) => string;
  readonly findManifest: (folder: string) => ManifestFacts | undefined;
  readonly beganAtMs: number;
}

/** All that follows the bundler. The bundle is loaded, zipped and hashed at the same time. */
export async function finish(
  request: FinishRequest,
  made: Bundle,
  probe: Probe | undefined,
): Promise<Omit<Built, 'beganAtMs'>> {
  const { root, profile, nameOf } = request;
  const { files, added, warnings } = await artifactFiles(request, made);
  const sized = files.map(({ path, bytes }) => ({ path, bytes: bytes.byteLength }));
  const unpackedBytes = sized.reduce((sum, { bytes }) => sum + bytes, 0);
  const weights = made.weights.map(({ path, bytes }) => ({ path: nameOf(path), bytes }));
  checkLimits(request.name, profile.limits, { zipBytes: 0, unpackedBytes }, sized, weights);

  const needsProcess =
    made.startsProcesses ||
    files.some(({ path, bytes }) => path !== profile.entryFile && fileNeedsProcess(path, bytes));
  const asking = ask(request, made, files, needsProcess, probe);
  const zipping = writeZip(files);
  // Whoever awaits them below hears of a failure; when something before that fails, nobody does.
  asking.catch(() => undefined);
  zipping.catch(() => undefined);
  const guards = guardsOf(root, made.inputs, request.findManifest, importPatterns(made.metafile));
  const states = [
    ...new Set([...made.inputs, ...guards.watched, ...added.map(({ source }) => source)]),
  ].map((path) => stateOf(root, path));
  const digest = digestOf({
    form: 'code',
    settings: request.settings,
    tools: request.tools,
    inputs: digestInputs(request, made, guards, states, added),
  });
  const [asked, zip] = await Promise.all([asking, zipping]);
  const sha256 = hash('sha256', zip);
  return {
    zip,
    sourceMap: made.sourceMap,
    states,
    disturbed: states.some(
      ({ kind, changedMs }) => kind === 'file' && changedMs > request.beganAtMs,
    ),
    stored: {
      manifest: {
        form: 'zip',
        digest,
        sizeBytes: zip.byteLength,
        unpackedBytes,
        entryFile: profile.entryFile,
        ...asked,
        needsProcess,
      },
      zip: { at: 'cache', file: `${digest}-${sha256.slice(0, 16)}.zip`, sha256 },
      inputs: weights,
      files: sized,
      warnings,
      hasSourceMap: true,
    },
  };
}

function digestInputs(
  { root, nameOf, findManifest }: FinishRequest,
  made: Bundle,
  guards: Guards,
  states: readonly FileState[],
  added: readonly AddedFile[],
): DigestInput[] {
  const hashes = new Map(states.map(({ path, hash: contents }) => [path, contents]));
  const bundled = made.inputs.map((path) => ({ name: nameOf(path), hash: hashes.get(path) ?? '' }));
  // By folder: what its manifest says of the module format and of side effects.
  const facts = new Map<string, string>();
  for (const [index, path] of made.inputs.entries()) {
    const folder = `manifest:${bundled[index]?.name.replace(/[^/]*$/, '') ?? ''}`;
    if (facts.has(folder)) continue;
    const manifest = findManifest(dirname(join(root, path)));
    if (manifest) facts.set(folder, manifest.facts);
  }
  return [
    ...bundled,
    ...[...facts].map(([name, text]) => ({ name, hash: hash('sha256', text) })),
    ...guards.settings.map((path, index) => ({
      name: `settings:${index}`,
      hash: hashes.get(path) ?? '',
    })),
    ...added.map(({ path, mode, bytes }) => ({
      name: `file:${path}`,
      mode,
      hash: hash('sha256', bytes),
    })),
  ];
}
