import { hash, randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Writes beside and renames, so that a reader sees the old file or the new one, never a part. */
export async function writeSafely(path: string, contents: string | Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const temporary = `${path}.${randomUUID().slice(0, 8)}.tmp`;
  try {
    await writeFile(temporary, contents);
    await rename(temporary, path);
  } catch (cause) {
    await rm(temporary, { force: true });
    throw cause;
  }
}

/** Writes a value with a checksum before it. */
export async function writeSealed(path: string, value: unknown): Promise<void> {
  const text = JSON.stringify(value);
  await writeSafely(path, `${hash('sha256', text)}\n${text}`);
}

/** Reads what {@link writeSealed} wrote; anything else, damaged or missing, is undefined. */
export async function readSealed(path: string): Promise<unknown> {
  try {
    const contents = await readFile(path, 'utf8');
    const end = contents.indexOf('\n');
    const text = contents.slice(end + 1);
    return end === 64 && contents.slice(0, 64) === hash('sha256', text)
      ? JSON.parse(text)
      : undefined;
  } catch {
    return undefined;
  }
}
