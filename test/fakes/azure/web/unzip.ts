/** Unpacks a zip at once: a host that is started by an event has no time to wait for streams. */
import { crc32, inflateRawSync } from 'node:zlib';

const END = 0x06054b50;
const ENTRY = 0x02014b50;
const LOCAL = 0x04034b50;
const END_SIZE = 22;
const ENTRY_SIZE = 46;
const LOCAL_SIZE = 30;
const COMMENT_SIZE = 65_535;
const STORED = 0;
const DEFLATED = 8;

/** The files of a zip by their paths; undefined when the bytes are no zip, or one that is cut or damaged. */
export function unzip(zip: Buffer): ReadonlyMap<string, Buffer> | undefined {
  const end = findEnd(zip);
  if (end === undefined) return undefined;
  const files = new Map<string, Buffer>();
  let offset = zip.readUInt32LE(end + 16);
  for (let left = zip.readUInt16LE(end + 10); left > 0; left -= 1) {
    if (offset + ENTRY_SIZE > end || zip.readUInt32LE(offset) !== ENTRY) return undefined;
    const nameLength = zip.readUInt16LE(offset + 28);
    const path = zip.toString('utf8', offset + ENTRY_SIZE, offset + ENTRY_SIZE + nameLength);
    if (!path.endsWith('/')) {
      const content = read(zip, offset);
      if (content === undefined) return undefined;
      files.set(path, content);
    }
    offset +=
      ENTRY_SIZE + nameLength + zip.readUInt16LE(offset + 30) + zip.readUInt16LE(offset + 32);
  }
  return files;
}

function read(zip: Buffer, entry: number): Buffer | undefined {
  const method = zip.readUInt16LE(entry + 10);
  const size = zip.readUInt32LE(entry + 20);
  const local = zip.readUInt32LE(entry + 42);
  if (local + LOCAL_SIZE > zip.length || zip.readUInt32LE(local) !== LOCAL) return undefined;
  const start = local + LOCAL_SIZE + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
  if (start + size > zip.length) return undefined;
  const packed = zip.subarray(start, start + size);
  try {
    const content = method === DEFLATED ? inflateRawSync(packed) : Buffer.from(packed);
    if (method !== DEFLATED && method !== STORED) return undefined;
    return crc32(content) === zip.readUInt32LE(entry + 16) ? content : undefined;
  } catch {
    return undefined;
  }
}

function findEnd(zip: Buffer): number | undefined {
  const first = Math.max(0, zip.length - END_SIZE - COMMENT_SIZE);
  for (let offset = zip.length - END_SIZE; offset >= first; offset -= 1) {
    if (zip.readUInt32LE(offset) === END) return offset;
  }
  return undefined;
}
