/** Unpacked artifacts on disk, one folder per digest. */
import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Artifact } from 'polyfaas/spi';

export class CodeStore {
  readonly #folder: string;

  constructor(stateFolder: string) {
    this.#folder = join(stateFolder, 'artifacts');
  }

  folderOf(digest: string): string {
    return join(this.#folder, digest);
  }

  async has(digest: string): Promise<boolean> {
    try {
      return (await stat(this.folderOf(digest))).isDirectory();
    } catch {
      return false;
    }
  }

  /** Writes beside and renames: a folder with that name is complete, whatever happens on the way. */
  async put(artifact: Artifact): Promise<void> {
    if (await this.has(artifact.digest)) return;
    const draft = join(this.#folder, `.draft-${artifact.digest}-${randomBytes(4).toString('hex')}`);
    try {
      for (const file of await artifact.files()) {
        const path = join(draft, file.path);
        await mkdir(dirname(path), { recursive: true, mode: 0o700 });
        await writeFile(path, file.bytes, { mode: file.mode & 0o755 });
      }
      await rename(draft, this.folderOf(artifact.digest));
    } catch (error) {
      await rm(draft, { recursive: true, force: true });
      // Another deploy of the same code was quicker.
      if (!(await this.has(artifact.digest))) throw error;
    }
  }

  /** Names of all that is there, drafts of a crashed process too. */
  async list(): Promise<readonly string[]> {
    try {
      return await readdir(this.#folder);
    } catch {
      return [];
    }
  }

  /** Deletes what no version needs. */
  async sweep(inUse: ReadonlySet<string>): Promise<void> {
    for (const name of await this.list()) {
      if (!inUse.has(name)) await rm(join(this.#folder, name), { recursive: true, force: true });
    }
  }
}
