/** Reads the directory of a zip: enough to know that it is one, and how large its content is. */

const END = 0x06054b50;
const ENTRY = 0x02014b50;
const LOCAL = 0x04034b50;
const END_SIZE = 22;
const ENTRY_SIZE = 46;
const COMMENT_SIZE = 65_535;

export interface ZipEntry {
  readonly name: string;
  readonly size: number;
}

/** The entries of a zip; undefined when the bytes are no zip, or one that is cut or damaged. */
export function readZip(zip: Buffer): readonly ZipEntry[] | undefined {
  const end = findEnd(zip);
  if (end === undefined) return undefined;
  const count = zip.readUInt16LE(end + 10);
  const entries: ZipEntry[] = [];
  let offset = zip.readUInt32LE(end + 16);
  for (let index = 0; index < count; index += 1) {
    if (offset + ENTRY_SIZE > end || zip.readUInt32LE(offset) !== ENTRY) return undefined;
    const local = zip.readUInt32LE(offset + 42);
    const stored = zip.readUInt32LE(offset + 20);
    if (local + 30 + stored > zip.length || zip.readUInt32LE(local) !== LOCAL) return undefined;
    const nameLength = zip.readUInt16LE(offset + 28);
    const name = zip.toString('utf8', offset + ENTRY_SIZE, offset + ENTRY_SIZE + nameLength);
    entries.push({ name, size: zip.readUInt32LE(offset + 24) });
    offset +=
      ENTRY_SIZE + nameLength + zip.readUInt16LE(offset + 30) + zip.readUInt16LE(offset + 32);
  }
  return entries;
}

function findEnd(zip: Buffer): number | undefined {
  const first = Math.max(0, zip.length - END_SIZE - COMMENT_SIZE);
  for (let offset = zip.length - END_SIZE; offset >= first; offset -= 1) {
    if (zip.readUInt32LE(offset) === END) return offset;
  }
  return undefined;
}
