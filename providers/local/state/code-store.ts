/** Unpacked artifacts on disk, one folder per digest. */
import { randomBytes } from 'node:crypto';
import { renameSync } from 'node:fs';
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Artifact, ArtifactFile, Clock } from 'polyfaas/spi';
import type { PlatformSettings } from '../options.ts';
import { SOURCE_MAP_FILE } from '../source-map-file.ts';
import { isWhole, MANIFEST_FILE, manifestOf } from './code-manifest.ts';
import { isHeldOpen } from '../held-open.ts';
import { syncFolder } from '../sync-folder.ts';
import type { FunctionStore } from './functions.ts';

/** The digest in any name that we give: `<digest>`, `.draft-<digest>-...`, `.<digest>-compile-cache`. */
const DIGEST = /[0-9a-f]{40}/;

/** Code that was stored and is not published after so long belongs to a deploy that was given up. */
const RESERVED_MS = 600_000;

/** Who knows what versions need. */
type ArtifactUse = Pick<FunctionStore, 'artifactsInUse' | 'mayNeedArtifact'>;

/** What Windows refuses for what somebody has open. */
export interface Disk {
  readonly renameSync: typeof renameSync;
  readonly rm: typeof rm;
}

export class CodeStore {
  readonly #folder: string;
  readonly #clock: Clock;
  readonly #survivesPowerLoss: boolean;
  readonly #disk: Disk;
  /** Stored and not yet published: no version names it, and a sweep must leave it alone. */
  readonly #reserved = new Map<string, number>();

  constructor(
    stateFolder: string,
    clock: Clock,
    durability: PlatformSettings['durability'],
    disk: Disk = { renameSync, rm },
  ) {
    this.#folder = join(stateFolder, 'artifacts');
    this.#clock = clock;
    this.#survivesPowerLoss = durability === 'power';
    this.#disk = disk;
  }

  folderOf(digest: string): string {
    return join(this.#folder, digest);
  }

  /** Whether the code is there, and whole; of large code that is not read, its sizes tell. */
  has(digest: string, read: 'cheap' | 'full' = 'full'): Promise<boolean> {
    return isWhole(this.folderOf(digest), read === 'full');
  }

  /** Keeps code from a sweep, whether it is there or on its way, until it is released. */
  reserve(digest: string): void {
    this.#reserved.set(digest, this.#clock.now() + RESERVED_MS);
  }

  /** Writes beside and renames: a folder with that name is complete, whatever happens on the way. */
  async put(artifact: Artifact): Promise<void> {
    const { digest } = artifact;
    this.reserve(digest);
    if (await this.has(digest)) return;
    const draft = join(this.#folder, `.draft-${digest}-${randomBytes(4).toString('hex')}`);
    try {
      const paths = await this.#write(draft, [
        ...(await artifact.files()),
        ...(await sourceMapOf(artifact)),
      ]);
      try {
        await rename(draft, this.folderOf(digest));
      } catch {
        // Another deploy of the same code was quicker, or what has the name is damaged.
        if (!(await this.has(digest))) await this.#mend(draft, digest, paths);
      }
      if (this.#survivesPowerLoss) this.#syncFolders(this.folderOf(digest), paths);
    } finally {
      await this.#removeUnlessHeld(draft);
    }
  }

  /** The paths of what it wrote, with the list of the files first. */
  async #write(draft: string, files: readonly ArtifactFile[]): Promise<readonly string[]> {
    const list = { path: MANIFEST_FILE, mode: 0o600, bytes: Buffer.from(manifestOf(files)) };
    const all = [list, ...files];
    for (const { path, mode, bytes } of all) {
      const target = join(draft, path);
      await mkdir(dirname(target), { recursive: true, mode: 0o700 });
      await writeFile(target, bytes, { mode: mode & 0o755, flush: this.#survivesPowerLoss });
    }
    return all.map(({ path }) => path);
  }

  /**
   * Replaces the files of a folder one by one. The folder itself stays: instances run in it, and one that starts just
   * now finds each of its files. The list comes first, so that the folder counts as damaged until the last one is there.
   */
  async #mend(draft: string, digest: string, paths: readonly string[]): Promise<void> {
    for (const path of paths) {
      const target = join(this.folderOf(digest), path);
      await mkdir(dirname(target), { recursive: true, mode: 0o700 });
      await rename(join(draft, path), target);
    }
  }

  /** The folder, those within it, and those that lead to it, which may be new. */
  #syncFolders(folder: string, paths: readonly string[]): void {
    const within = new Set(paths.flatMap((path) => parentsOf(path)));
    for (const path of within) syncFolder(join(folder, path));
    syncFolder(this.#folder);
    syncFolder(dirname(this.#folder));
  }

  /** From here on it depends on the versions whether the code stays. */
  release(digest: string): void {
    this.#reserved.delete(digest);
  }

  /** Deletes what no version needs, and nothing that another deploy is about to publish. */
  async sweep(versions: ArtifactUse): Promise<void> {
    const names = await this.#list();
    const atFirst = versions.artifactsInUse();
    for (const name of names) {
      const digest = DIGEST.exec(name)?.[0] ?? '';
      if (atFirst.has(digest) || this.#isReserved(digest)) continue;
      // Asked again for each: while others were deleted, a deploy may have published this one.
      if (digest !== '' && versions.mayNeedArtifact(digest)) continue;
      const aside = this.#setAside(name, digest);
      if (aside !== undefined) await this.#removeUnlessHeld(aside);
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
      this.#disk.renameSync(path, aside);
      return aside;
    } catch (error) {
      // Another sweep was quicker: two functions that go at once both clean up.
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
      // On Windows, an instance that still runs in it. The next sweep finds it again.
      if (isHeldOpen(error)) return undefined;
      throw error;
    }
  }

  /** What somebody has open is left to the next sweep, which knows it by its name. */
  async #removeUnlessHeld(path: string): Promise<void> {
    try {
      await this.#disk.rm(path, { recursive: true, force: true });
    } catch (error) {
      if (!isHeldOpen(error)) throw error;
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

/** `.`, `lib` and `lib/deep` for `lib/deep/file.mjs`. */
function parentsOf(path: string): readonly string[] {
  const parent = dirname(path);
  return parent === path ? [] : [...parentsOf(parent), parent];
}

/** For the stacks of its errors. Without it, they are those of the bundle. */
async function sourceMapOf(artifact: Artifact): Promise<readonly ArtifactFile[]> {
  const bytes = await artifact.sourceMap?.();
  return bytes === undefined ? [] : [{ path: SOURCE_MAP_FILE, mode: 0o600, bytes }];
}
