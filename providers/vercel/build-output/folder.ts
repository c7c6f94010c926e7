/** The output as a folder, for the vendor's client: it reads files from the disk. */
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { OUTPUT_FOLDER, type OutputFile } from './files.ts';

const PERMISSIONS = 0o777;
const PARALLEL_WRITES = 16;

/**
 * Writes the files into a new folder, which is gone when `work` has ended, however it ended.
 *
 * @param work gets the folder that `.vercel/output` is in.
 */
export async function inFolder<Result>(
  files: readonly OutputFile[],
  work: (folder: string) => Promise<Result>,
): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), 'polyfaas-vercel-output-'));
  try {
    const paths = files.map((file) => ({ file, path: join(folder, OUTPUT_FOLDER, file.path) }));
    const folders = new Set(paths.map(({ path }) => dirname(path)));
    for (const one of folders) await mkdir(one, { recursive: true });
    const left = paths.values();
    const write = async (): Promise<void> => {
      for (const { file, path } of left) {
        await writeFile(path, file.bytes);
        // The mode of a new file depends on the process.
        await chmod(path, file.mode & PERMISSIONS);
      }
    };
    const writers = await Promise.allSettled(Array.from({ length: PARALLEL_WRITES }, write));
    for (const writer of writers) if (writer.status === 'rejected') throw writer.reason;
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
