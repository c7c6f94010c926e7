import { createHash } from 'node:crypto';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { fromBufferPromise } from 'yauzl';
import { BuildStepError } from './build-failure.ts';

/** Built sources: one folder for each content, shared by all instances of all runtimes of this process. */
export class SourceStore {
  #root: Promise<string> | undefined;
  readonly #folders = new Map<string, Promise<string>>();
  #users = 0;

  enter(): void {
    this.#users += 1;
  }

  async leave(): Promise<void> {
    this.#users -= 1;
    const root = this.#root;
    if (this.#users > 0 || !root) return;
    this.#root = undefined;
    this.#folders.clear();
    await rm(await root, { recursive: true, force: true, maxRetries: 3 });
  }

  /** The folder of a zip; `build` makes of the unpacked files what is run. What fails is not kept. */
  folder(zip: Buffer, build: (folder: string) => Promise<void>): Promise<string> {
    const digest = createHash('sha256').update(zip).digest('hex');
    const known = this.#folders.get(digest);
    if (known) return known;
    const made = this.#make(digest, zip, build);
    this.#folders.set(digest, made);
    made.catch(() => void this.#folders.delete(digest));
    return made;
  }

  async #make(
    digest: string,
    zip: Buffer,
    build: (folder: string) => Promise<void>,
  ): Promise<string> {
    this.#root ??= mkdtemp(join(tmpdir(), 'fake-run-'));
    const folder = await mkdtemp(join(await this.#root, `${digest.slice(0, 16)}-`));
    await unzip(zip, folder);
    await build(folder);
    return folder;
  }
}

export const sourceStore = new SourceStore();

async function unzip(bytes: Buffer, folder: string): Promise<void> {
  try {
    const zip = await fromBufferPromise(bytes, { lazyEntries: true });
    for await (const entry of zip.eachEntry()) {
      const target = resolve(folder, entry.fileName);
      if (relative(folder, target).startsWith('..'))
        throw new BuildStepError(`invalid relative path: ${entry.fileName}`);
      if (entry.fileName.endsWith('/')) continue;
      const chunks: Buffer[] = [];
      for await (const chunk of await zip.openReadStreamPromise(entry))
        chunks.push(Buffer.from(chunk));
      await mkdir(dirname(target), { recursive: true });
      await writeFile(target, Buffer.concat(chunks));
      if (((entry.externalFileAttributes >>> 16) & 0o111) !== 0) await chmod(target, 0o755);
    }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new BuildStepError(`failed to extract the source archive: ${reason}`);
  }
}
