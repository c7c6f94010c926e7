import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';

type Files = ReadonlyMap<string, Buffer>;

/** Unpacked packages: one folder for each content, shared by all instances of all runtimes of this process. */
export class PackageStore {
  #root: Promise<string> | undefined;
  readonly #digests = new WeakMap<Files, string>();
  readonly #folders = new Map<string, Promise<string>>();
  #users = 0;
  #made = 0;

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

  folder(files: Files): Promise<string> {
    const digest = this.#digest(files);
    const known = this.#folders.get(digest);
    if (known) return known;
    const made = this.#unpack(digest, files);
    this.#folders.set(digest, made);
    return made;
  }

  #digest(files: Files): string {
    const known = this.#digests.get(files);
    if (known !== undefined) return known;
    const hash = createHash('sha256');
    for (const [name, bytes] of [...files].toSorted(([one], [other]) => (one < other ? -1 : 1)))
      hash.update(`${name}\0${bytes.length}\0`).update(bytes);
    const digest = hash.digest('hex');
    this.#digests.set(files, digest);
    return digest;
  }

  async #unpack(digest: string, files: Files): Promise<string> {
    this.#root ??= mkdtemp(join(tmpdir(), 'fake-functions-'));
    this.#made += 1;
    const folder = join(await this.#root, `${this.#made}-${digest.slice(0, 16)}`);
    await mkdir(folder, { recursive: true });
    for (const [path, bytes] of files) {
      const target = resolve(folder, path);
      if (relative(folder, target).startsWith('..'))
        throw new Error(`The package holds a path that leaves its folder: ${path}`);
      await mkdir(dirname(target), { recursive: true });
      await writeFile(target, bytes);
    }
    return folder;
  }
}

export const packageStore = new PackageStore();
