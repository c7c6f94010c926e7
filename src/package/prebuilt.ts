import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { FileState } from './file-state.ts';
import { stateOf } from './file-state.ts';
import type { StoredArtifact } from './cache.ts';
import { digestOf } from './digest.ts';
import { refused } from './errors.ts';
import { formatBytes, tooLarge } from './limits.ts';
import { fileNeedsProcess } from './native.ts';
import { statOf } from './paths.ts';
import type { PackageRequest } from './types.ts';
import { readZip, ZipRefusal } from './unzip.ts';

// What is taken where the profile names no limit: enough for every platform, too little to fill a machine.
const UNPACKED_BYTES = 1024 ** 3;
const ZIP_BYTES = 512 * 1024 ** 2;

/** Checks a zip that is ready, and names it by what is in it. The zip itself is passed on as it is. */
export async function prebuilt(
  root: string,
  request: PackageRequest,
  file: { readonly absolute: string; readonly posix: string },
): Promise<{
  readonly stored: Omit<StoredArtifact, 'format'>;
  readonly zip: Buffer;
  readonly states: readonly FileState[];
}> {
  const { name, spec, profile } = request;
  const size = statOf(file.absolute)?.size ?? 0;
  const zipLimit = profile.limits.zipBytes ?? ZIP_BYTES;
  if (size > zipLimit) {
    throw tooLarge(name, 'zip', `${formatBytes(size)} (${size} bytes)`, zipLimit, []);
  }
  const zip = readFileSync(file.absolute);
  const files = await contentsOf(request, file.posix, zip);
  const problem = entryProblem(profile, files);
  if (problem !== undefined) {
    throw refused(name, `\`artifact\` is "${file.posix}", which ${problem}`);
  }
  const handles = spec.handles ?? [];
  const signature = spec.signature ?? 'polyfaas';
  const digest = digestOf({
    form: 'prebuilt',
    settings: { handles: [...handles], signature, entryFile: profile.entryFile },
    tools: {},
    inputs: files.map(({ path, mode, bytes }) => ({
      name: path,
      mode,
      hash: hash('sha256', bytes),
    })),
  });
  return {
    zip,
    states: [stateOf(root, file.posix)],
    stored: {
      manifest: {
        form: 'zip',
        digest,
        sizeBytes: zip.byteLength,
        unpackedBytes: files.reduce((sum, { bytes }) => sum + bytes.byteLength, 0),
        entryFile: profile.entryFile,
        handles,
        signature,
        needsProcess: files.some(({ path, bytes }) => fileNeedsProcess(path, bytes)),
      },
      zip: { at: 'root', file: file.posix, sha256: hash('sha256', zip) },
      inputs: [],
      files: files.map(({ path, bytes }) => ({ path, bytes: bytes.byteLength })),
      warnings: [],
      hasSourceMap: false,
    },
  };
}

/**
 * A platform whose profile brings no files of its own loads the entry file itself. Where it brings some, they are what
 * loads the entry, and a zip that is ready has its own in their place, under the name that the platform is told.
 */
function entryProblem(
  { files: own, entryFile }: PackageRequest['profile'],
  files: Awaited<ReturnType<typeof readZip>>,
): string | undefined {
  if (own !== undefined || files.some(({ path }) => path === entryFile)) return undefined;
  const elsewhere = files.find(({ path }) => path.endsWith(`/${entryFile}`))?.path;
  return elsewhere === undefined
    ? `holds no "${entryFile}", the file that the platform loads. Add it at the top of the zip.`
    : `holds "${elsewhere}", but the platform loads "${entryFile}" at the top. Make the zip within the folder "${elsewhere.slice(0, -entryFile.length - 1)}".`;
}

async function contentsOf(
  { name, profile }: PackageRequest,
  path: string,
  zip: Buffer,
): ReturnType<typeof readZip> {
  const unpackedBytes = profile.limits.unpackedBytes ?? UNPACKED_BYTES;
  try {
    const files = await readZip(zip, { unpackedBytes });
    if (files.length === 0) throw new ZipRefusal('form', 'is empty');
    return files;
  } catch (cause) {
    if (!(cause instanceof ZipRefusal)) throw cause;
    if (cause.reason === 'size') {
      throw tooLarge(
        name,
        'unpacked',
        `more than that: "${path}" ${cause.message}`,
        unpackedBytes,
        [],
      );
    }
    throw refused(
      name,
      `\`artifact\` is "${path}", which ${cause.message}. Make the zip again from plain files with relative paths.`,
      { cause },
    );
  }
}
