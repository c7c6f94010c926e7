/** Unpacked artifacts on disk, one folder per digest. */
import { randomBytes } from 'node:crypto';
import { renameSync } from 'node:fs';
import { mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Artifact, Clock } from 'polyfaas/spi';

/** The digest in any name that we give: `<digest>`, `.draft-<digest>-...`, `.<digest>-compile-cache`. */
const DIGEST = /[0-9a-f]{40}/;

/** Code that was stored and is not published after so long belongs to a deploy that was given up. */
const RESERVED_MS = 600_000;

export class CodeStore {
  readonly #folder: string;
  readonly #clock: Clock;
  /** Stored and not yet published: no version names it, and a sweep must leave it alone. */
  readonly #reserved = new Map<string, number>();

  constructor(stateFolder: string, clock: Clock) {
    this.#folder = join(stateFolder, 'artifacts');
    this.#clock = clock;
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

  /** Keeps code from a sweep, whether it is there or on its way, until it is released. */
  reserve(digest: string): void {
    this.#reserved.set(digest, this.#clock.now() + RESERVED_MS);
  }

  /** Writes beside and renames: a folder with that name is complete, whatever happens on the way. */
  async put(artifact: Artifact): Promise<void> {
    this.reserve(artifact.digest);
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

  /** From here on it depends on the versions whether the code stays. */
  release(digest: string): void {
    this.#reserved.delete(digest);
  }

  /** Deletes what no version needs, and nothing that another deploy is about to publish. */
  async sweep(inUse: () => ReadonlySet<string>): Promise<void> {
    const names = await this.#list();
    const atFirst = inUse();
    for (const name of names) {
      const digest = DIGEST.exec(name)?.[0] ?? '';
      // Asked again for each: while others were deleted, a deploy may have published this one.
      if (atFirst.has(digest) || this.#isReserved(digest) || inUse().has(digest)) continue;
      const aside = this.#setAside(name, digest);
      if (aside !== undefined) await rm(aside, { recursive: true, force: true });
    }
    for (const digest of this.#reserved.keys()) {
      if (!this.#isReserved(digest)) this.#reserved.delete(digest);
    }
  }

  #isReserved(digest: string): boolean {
    return (this.#reserved.get(digest) ?? 0) > this.#clock.now();
  }

  /** Renamed in the same breath as it was found to be of no use: nobody sees a folder that is half deleted. */
  #setAside(name: string, digest: string): string | undefined {
    const path = join(this.#folder, name);
    if (name !== digest) return path;
    const aside = join(this.#folder, `.draft-${digest}-${randomBytes(4).toString('hex')}`);
    try {
      renameSync(path, aside);
      return aside;
    } catch (error) {
      // Another sweep was quicker: two functions that go at once both clean up.
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
      throw error;
    }
  }

  /** Artifacts, their compile caches, and drafts of a crashed process. */
  async #list(): Promise<readonly string[]> {
    try {
      return await readdir(this.#folder);
    } catch {
      return [];
    }
  }
}
