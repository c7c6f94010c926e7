import { hash } from 'node:crypto';
import { artifactFiles } from './artifact-files.ts';
import { ask } from './ask.ts';
import type { BuildRequest, Built } from './build.ts';
import type { Bundle } from './bundle.ts';
import { digestOf, type DigestInput } from './digest.ts';
import { disturbanceOf, type StatesBefore } from './disturbance.ts';
import { linkStateOf, stateOf, type FileState } from './file-state.ts';
import { guardsOf } from './guards.ts';
import { fileOfName } from './input-files.ts';
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
  /** What an earlier build of the same depended on, as it was when this one began. */
  readonly before: StatesBefore;
}

/** All that follows the bundler. The bundle is loaded, zipped and hashed at the same time. */
export async function finish(
  request: FinishRequest,
  made: Bundle,
  probe: Probe | undefined,
): Promise<Omit<Built, 'beganAtMs'>> {
  const { root, profile, nameOf } = request;
  const { files, added, traced, warnings } = await artifactFiles(request, made);
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
  const inputs = made.inputs.map((name) => ({ name, file: fileOfName(root, name) }));
  const bundled = inputs.map(({ file }) => file);
  const { watched, links } = guardsOf(
    root,
    { metafile: made.metafile, inputs: bundled, ...traced },
    request.findManifest,
  );
  const states = [
    ...[...new Set([...bundled, ...watched, ...added.map(({ source }) => source)])].map((path) =>
      stateOf(root, path),
    ),
    ...links.map((path) => linkStateOf(root, path)),
  ];
  const digest = digestOf({
    form: 'code',
    settings: request.settings,
    tools: request.tools,
    inputs: digestInputs(nameOf, made, inputs, states, added),
  });
  const [asked, zip] = await Promise.all([asking, zipping]);
  const sha256 = hash('sha256', zip);
  return {
    zip,
    sourceMap: made.sourceMap,
    states,
    disturbance: disturbanceOf(root, states, new Set(bundled), request),
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

/**
 * What was bundled, and what it was bundled of. Manifests, links and compiler settings decide with the files where each
 * import leads, and all of that is in the bundle, which names no place of this machine. The files are in it for the
 * source map, whose lines move with every comment.
 */
function digestInputs(
  nameOf: (path: string) => string,
  { code }: Bundle,
  inputs: readonly { readonly name: string; readonly file: string }[],
  states: readonly FileState[],
  added: readonly AddedFile[],
): DigestInput[] {
  const hashes = new Map(states.map(({ path, hash: contents }) => [path, contents]));
  return [
    { name: 'bundle', hash: hash('sha256', code) },
    ...inputs.map(({ name, file }) => ({
      name: `input:${nameOf(name)}`,
      hash: hashes.get(file) ?? '',
    })),
    ...added.map(({ path, mode, bytes }) => ({
      name: `file:${path}`,
      mode,
      hash: hash('sha256', bytes),
    })),
  ];
}
