import { buffer } from 'node:stream/consumers';
import { ZipFile } from 'yazl';

/** A zip with one module in it. */
export async function zipOf(code: string): Promise<Buffer> {
  const zip = new ZipFile();
  zip.addBuffer(Buffer.from(code), 'index.mjs');
  zip.end();
  return buffer(zip.outputStream);
}
