import { readFileSync, realpathSync, statSync } from 'node:fs';
import { isAbsolute, relative, resolve } from 'node:path';
import { ServerlessError } from '../errors/serverless-error.ts';

const MAX_BYTES = 1_048_576;

/**
 * Reads a text file of at most 1 MB.
 *
 * @throws ServerlessError NOT_FOUND when it is not there; INVALID_ARGUMENT when it is no plain file, too large, or not UTF-8.
 */
export function readTextFile(file: string): string {
  const bytes = readBytes(file);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    // The cause would say nothing more.
    throw refused(`${file} is not UTF-8 text. Save it as UTF-8.`);
  }
}

function readBytes(file: string): Uint8Array {
  let size: number;
  try {
    const stat = statSync(file);
    // A pipe or a device would never end.
    if (!stat.isFile()) throw refused(`${file} is no plain file. Name a file.`);
    size = stat.size;
    if (size <= MAX_BYTES) return readFileSync(file);
  } catch (cause) {
    if (ServerlessError.isInstance(cause)) throw cause;
    throw new ServerlessError({
      code: 'NOT_FOUND',
      message: `${file} cannot be read. Check the name and the permissions.`,
      cause,
    });
  }
  throw refused(
    `${file} has ${size} bytes; at most ${MAX_BYTES} (1 MB) are read. Make it smaller.`,
  );
}

/** Reads a text file that lies in a folder, also after links are followed: `@file.read`. */
export function readTextFileWithin(folder: string, path: string): string {
  if (isAbsolute(path)) {
    throw refused(`"${path}" is absolute. Name a file relative to the configuration's folder.`);
  }
  const file = resolve(folder, path);
  // Before anything is touched outside, and again after links are followed.
  if (isWithin(folder, file)) {
    let real: string;
    try {
      real = realpathSync(file);
    } catch (cause) {
      throw new ServerlessError({
        code: 'NOT_FOUND',
        message: `"${path}" is not there. Name a file relative to the configuration's folder.`,
        cause,
      });
    }
    if (isWithin(realpathSync(folder), real)) return readTextFile(real);
  }
  throw refused(`"${path}" leads out of the configuration's folder. Copy the file into it.`);
}

function isWithin(folder: string, file: string): boolean {
  const way = relative(folder, file);
  return (
    way !== '' &&
    way !== '..' &&
    !way.startsWith('../') &&
    !way.startsWith('..\\') &&
    !isAbsolute(way)
  );
}

function refused(message: string): ServerlessError {
  return new ServerlessError({ code: 'INVALID_ARGUMENT', message });
}
