import { crc32 } from 'node:zlib';
import type { Entry, ZipFile } from 'yauzl';
import type { ArtifactFile } from '../spi/artifact.ts';
import { messageOf } from './errors.ts';
import { byPath } from './zip.ts';

/** Why a zip cannot be taken. `size` when it is too large, else `form`. */
export class ZipRefusal extends Error {
  override readonly name = 'ZipRefusal';
  readonly reason: 'form' | 'size';

  constructor(reason: 'form' | 'size', message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }
}

/** How much is read at most. */
export interface UnzipLimits {
  readonly unpackedBytes: number;
  /** Default 65,000. */
  readonly entries?: number;
}

const FILE_TYPE = 0o170000;
const SYMBOLIC_LINK = 0o120000;
const REGULAR_FILE = 0o100000;
// A name is as long as a file system takes; a path leaves room for the folder that it is unpacked in.
const NAME_BYTES = 255;
const PATH_BYTES = 2_048;
const FOLDER = 0o040000;

/**
 * Reads and checks a zip that may come from anywhere: no absolute paths, no `..`, no links, no name twice, no
 * encryption, no more than the limits, and never more bytes than an entry declares.
 *
 * @throws ZipRefusal
 */
export async function readZip(bytes: Buffer, limits: UnzipLimits): Promise<ArtifactFile[]> {
  const { fromBufferPromise } = await import('yauzl');
  let zip: ZipFile;
  try {
    zip = await fromBufferPromise(bytes, {
      lazyEntries: true,
      strictFileNames: true,
      validateEntrySizes: true,
    });
  } catch (cause) {
    throw new ZipRefusal('form', `is no zip that can be read: ${messageOf(cause)}`, { cause });
  }
  try {
    const entries = await listEntries(zip, limits);
    const files: ArtifactFile[] = [];
    for (const entry of entries) {
      files.push({
        path: entry.fileName,
        mode: modeOf(entry),
        bytes: await contentsOf(zip, entry),
      });
    }
    return files.sort(byPath);
  } catch (cause) {
    if (cause instanceof ZipRefusal) throw cause;
    throw new ZipRefusal('form', `is damaged: ${messageOf(cause)}`, { cause });
  } finally {
    zip.close();
  }
}

/** All entries are judged by the directory of the zip before one byte is unpacked. */
async function listEntries(zip: ZipFile, limits: UnzipLimits): Promise<Entry[]> {
  const limit = limits.entries ?? 65_000;
  if (zip.entryCount > limit) {
    throw new ZipRefusal('size', `holds ${zip.entryCount} entries; at most ${limit} are taken`);
  }
  const files: Entry[] = [];
  const names = new Set<string>();
  const folders = new Set<string>();
  let unpacked = 0;
  for await (const entry of zip.eachEntry()) {
    const name = entry.fileName;
    checkName(name);
    const type = (entry.externalFileAttributes >>> 16) & FILE_TYPE;
    const isFolder = name.endsWith('/');
    if (type === SYMBOLIC_LINK) throw new ZipRefusal('form', `holds a symbolic link, "${name}"`);
    if (type !== 0 && type !== REGULAR_FILE && type !== FOLDER) {
      throw new ZipRefusal('form', `holds "${name}", which is neither a file nor a folder`);
    }
    if (entry.isEncrypted()) throw new ZipRefusal('form', `holds an encrypted entry, "${name}"`);
    for (const folder of foldersOf(name)) folders.add(folder);
    if (isFolder) continue;
    if (names.has(name)) throw new ZipRefusal('form', `holds "${name}" twice`);
    names.add(name);
    unpacked += entry.uncompressedSize;
    if (unpacked > limits.unpackedBytes) {
      throw new ZipRefusal('size', `unpacks to more than ${limits.unpackedBytes} bytes`);
    }
    files.push(entry);
  }
  const both = [...names].find((name) => folders.has(name));
  if (both !== undefined) throw new ZipRefusal('form', `holds "${both}" as a file and as a folder`);
  return files;
}

function checkName(name: string): void {
  const parts = name.replace(/\/$/, '').split('/');
  if (
    name.includes('\\') ||
    name.includes('\0') ||
    /^[A-Za-z]:/.test(name) ||
    parts.some((part) => part === '' || part === '.' || part === '..')
  ) {
    throw new ZipRefusal(
      'form',
      `holds a path that is not plainly relative, ${JSON.stringify(name)}`,
    );
  }
  if (
    Buffer.byteLength(name) > PATH_BYTES ||
    parts.some((part) => Buffer.byteLength(part) > NAME_BYTES)
  ) {
    throw new ZipRefusal(
      'form',
      `holds a path that is too long, ${JSON.stringify(`${name.slice(0, 60)}...`)}: at most ${NAME_BYTES} bytes a name and ${PATH_BYTES} in all are taken`,
    );
  }
}

function* foldersOf(name: string): Iterable<string> {
  for (let slash = name.indexOf('/'); slash !== -1; slash = name.indexOf('/', slash + 1)) {
    yield name.slice(0, slash);
  }
}

const modeOf = (entry: Entry): number =>
  (entry.externalFileAttributes >>> 16) & 0o111 ? 0o755 : 0o644;

async function contentsOf(zip: ZipFile, entry: Entry): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of await zip.openReadStreamPromise(entry)) chunks.push(Buffer.from(chunk));
  const contents = Buffer.concat(chunks);
  if (crc32(contents) !== entry.crc32) {
    throw new ZipRefusal('form', `is damaged: the checksum of "${entry.fileName}" is wrong`);
  }
  return contents;
}
