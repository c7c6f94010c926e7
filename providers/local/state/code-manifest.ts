/**
 * What a folder of code must hold. A crash of the machine, a full disk or a hand may empty a file long after it was
 * stored; without a list beside it, a deploy would take the folder for the code that it was.
 */
import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { ArtifactFile } from 'polyfaas/spi';

/** Within the folder, so that the two come and go in one rename. */
export const MANIFEST_FILE = '.polyfaas-code.json';

/** Of larger code only the sizes are compared where a deploy that changes nothing asks. */
const MAX_HASHED_BYTES = 4 * 1024 * 1024;

type Listed = readonly [path: string, sizeBytes: number, sha256: string];

/** The list of these files, as text. */
export function manifestOf(files: readonly ArtifactFile[]): string {
  return JSON.stringify(
    files.map(({ path, bytes }): Listed => [path, bytes.byteLength, sha256(bytes)]),
  );
}

/**
 * Whether all the files of a folder are there, as they were stored.
 * @param full compare what they hold, however large they are.
 */
export async function isWhole(folder: string, full: boolean): Promise<boolean> {
  let text: string;
  try {
    text = await readFile(join(folder, MANIFEST_FILE), 'utf8');
  } catch (error) {
    // Earlier releases kept no list: all that can be said is that there is something.
    return isMissing(error) && (await hasFiles(folder));
  }
  const listed = decode(text);
  if (listed === undefined) return false;
  const total = listed.reduce((sum, [, sizeBytes]) => sum + sizeBytes, 0);
  const same = full || total <= MAX_HASHED_BYTES ? hasContent : hasSize;
  const found = await Promise.all(listed.map((file) => same(folder, file)));
  return !found.includes(false);
}

async function hasContent(folder: string, [path, , hash]: Listed): Promise<boolean> {
  try {
    return sha256(await readFile(join(folder, path))) === hash;
  } catch {
    return false;
  }
}

async function hasSize(folder: string, [path, sizeBytes]: Listed): Promise<boolean> {
  try {
    const found = await stat(join(folder, path));
    return found.isFile() && found.size === sizeBytes;
  } catch {
    return false;
  }
}

async function hasFiles(folder: string): Promise<boolean> {
  try {
    return (await readdir(folder)).length > 0;
  } catch {
    return false;
  }
}

/** Undefined for what is no such list: it is damaged as well, then. */
function decode(text: string): readonly Listed[] | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) && value.every(isListed) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isListed(value: unknown): value is Listed {
  if (!Array.isArray(value)) return false;
  const [path, sizeBytes, hash]: readonly unknown[] = value;
  return typeof path === 'string' && typeof sizeBytes === 'number' && typeof hash === 'string';
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
