import { createRequire } from 'node:module';
import type * as Yazl from 'yazl';
import type { ArtifactFile } from '../spi/artifact.ts';

// Required, not imported: the module is CommonJS, and so loads faster. And at once, not when a zip is written: this file
// is loaded while the bundler works, and the writing comes when somebody waits.
const { ZipFile }: typeof Yazl = createRequire(import.meta.url)('yazl');

const REGULAR_FILE = 0o100000;

// A local time, because the format holds local time; at noon, because every time zone had one.
const MODIFIED = new Date(1980, 0, 1, 12);

/** By code unit: the same in every locale. */
export const byPath = (a: { readonly path: string }, b: { readonly path: string }): number =>
  a.path < b.path ? -1 : a.path > b.path ? 1 : 0;

/**
 * Writes a zip whose bytes repeat: names sorted, one fixed time, permission bits 644 or 755, made on "unix".
 * Only the deflate of another Node version can change them.
 */
export async function writeZip(files: readonly ArtifactFile[]): Promise<Buffer> {
  const zip = new ZipFile();
  const chunks: Buffer[] = [];
  const written = new Promise<Buffer>((resolve, reject) => {
    zip.on('error', reject);
    zip.outputStream.on('data', (chunk: Buffer) => chunks.push(chunk));
    zip.outputStream.on('error', reject);
    zip.outputStream.on('end', () => resolve(Buffer.concat(chunks)));
  });
  for (const file of [...files].sort(byPath)) {
    zip.addBuffer(asBuffer(file.bytes), file.path, {
      mtime: MODIFIED,
      // Without it an extra field would hold the time in UTC, which differs by time zone.
      forceDosTimestamp: true,
      mode: REGULAR_FILE | (file.mode & 0o111 ? 0o755 : 0o644),
      compressionLevel: file.bytes.byteLength === 0 ? 0 : 9,
    });
  }
  zip.end();
  return written;
}

const asBuffer = (bytes: Uint8Array): Buffer =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
