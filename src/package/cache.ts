import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { readdir, rm, stat, utimes } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { ArtifactManifest } from '../spi/artifact.ts';
import { isUnchanged, type FileState } from './file-state.ts';
import { readSealed, writeSafely, writeSealed } from './safe-file.ts';
import type { SizedFile } from './types.ts';

/** An artifact as it lies in the cache folder. */
export interface StoredArtifact {
  readonly format: typeof FORMAT;
  readonly manifest: ArtifactManifest;
  readonly zip: {
    /** A name in the cache folder, or the root-relative path of a prebuilt zip. */
    readonly file: string;
    readonly at: 'cache' | 'root';
    readonly sha256: string;
  };
  readonly inputs: readonly SizedFile[];
  readonly files: readonly SizedFile[];
  readonly warnings: readonly string[];
  readonly hasSourceMap: boolean;
}

/** What one way of packaging one function last gave, and everything that it depended on. */
export interface StoredEntry {
  readonly format: typeof FORMAT;
  readonly digest: string;
  readonly tools: Readonly<Record<string, string>>;
  readonly states: readonly FileState[];
  /** The files that `package.include` found. */
  readonly included: readonly string[];
  readonly recordedAtMs: number;
}

/** A stored artifact and the bytes of its zip, which are what was stored. */
export interface FoundArtifact {
  readonly stored: Omit<StoredArtifact, 'format'>;
  readonly bytes: Buffer;
  /** True when the cache folder could not be written: then the bytes are nowhere else. */
  readonly unstored?: boolean;
  /** True when it cannot be found by its digest in the cache folder. */
  readonly unlisted?: boolean;
}

/** Raised when what is stored begins to mean something else: what an older release stored is then as good as not there. */
const FORMAT = 2;
/** So many are kept however old they are: an unchanged project of so many functions bundles nothing. */
const KEPT = 64;
/** What was made or used since may be about to be read, by another process too. */
const KEPT_AT_LEAST_MS = 60 * 60 * 1000;
/** More are not kept however young they are: a function that is saved again and again fills no disk. */
const KEPT_AT_MOST = 256;
/** But for what this process answered last, of so many functions: it may be asked for by its digest. */
const HELD_AT_MOST = 1024;

/** The cache folder. What is missing or damaged in it is as good as not there; what cannot be written is left out. */
export class PackageCache {
  readonly #root: string;
  readonly #folder: string;
  readonly #held = new Map<string, string>();

  constructor(root: string, folder: string) {
    this.#root = root;
    this.#folder = folder;
  }

  /** The artifact of an entry whose inputs are all unchanged. */
  async find(
    key: string,
    now: { readonly tools: Readonly<Record<string, string>>; readonly included: readonly string[] },
  ): Promise<FoundArtifact | undefined> {
    const entry = await readSealed(this.#entryPath(key));
    if (!isEntry(entry)) return undefined;
    if (JSON.stringify(entry.tools) !== JSON.stringify(now.tools)) return undefined;
    if (entry.included.join('\n') !== now.included.join('\n')) return undefined;
    if (!entry.states.every((state) => isUnchanged(this.#root, state, entry.recordedAtMs)))
      return undefined;
    const found = await this.artifact(entry.digest);
    if (found === undefined) return undefined;
    this.hold(key, entry.digest);
    await touch(this.#entryPath(key));
    return found;
  }

  /** What this process answered for a key is not cleared away by it, until it answers something else. */
  hold(key: string, digest: string): void {
    this.#held.delete(key);
    this.#held.set(key, digest);
    const [oldest] = this.#held.keys();
    if (this.#held.size > HELD_AT_MOST && oldest !== undefined) this.#held.delete(oldest);
  }

  /** True for what this process answered last for some key. */
  isHeld(digest: string): boolean {
    return [...this.#held.values()].includes(digest);
  }

  /** An artifact by its digest, when its zip is there and whole. */
  async artifact(digest: string): Promise<FoundArtifact | undefined> {
    const path = join(this.#folder, 'artifacts', `${digest}.json`);
    const stored = await readSealed(path);
    if (!isArtifact(stored) || stored.manifest.digest !== digest) return undefined;
    const bytes = this.readZip(stored);
    if (bytes === undefined) return undefined;
    await touch(path);
    return { stored, bytes };
  }

  /** The bytes of a stored zip, or undefined when they are no longer what was stored. */
  readZip(stored: Omit<StoredArtifact, 'format'>): Buffer | undefined {
    try {
      const bytes = readFileSync(this.#zipPath(stored));
      return hash('sha256', bytes) === stored.zip.sha256 ? bytes : undefined;
    } catch {
      return undefined;
    }
  }

  /** Where the source map of a digest is, or would be. */
  sourceMapPath(digest: string): string {
    return join(this.#folder, 'artifacts', `${digest}.map`);
  }

  /** Stores an artifact. False when the folder cannot be written: the artifact is whole without it. */
  async storeArtifact(
    artifact: Omit<StoredArtifact, 'format'>,
    zip: Uint8Array | undefined,
    sourceMap: Uint8Array | undefined,
  ): Promise<boolean> {
    try {
      const stored: StoredArtifact = { format: FORMAT, ...artifact };
      await Promise.all([
        zip ? writeSafely(this.#zipPath(stored), zip) : undefined,
        sourceMap === undefined
          ? undefined
          : writeSafely(this.sourceMapPath(stored.manifest.digest), sourceMap),
      ]);
      // Last, because it says that the rest is there.
      await writeSealed(join(this.#folder, 'artifacts', `${stored.manifest.digest}.json`), stored);
      return true;
    } catch {
      return false;
    }
  }

  /** Stores what an artifact was made of. */
  async storeEntry(key: string, entry: Omit<StoredEntry, 'format'>): Promise<void> {
    try {
      await writeSealed(this.#entryPath(key), { format: FORMAT, ...entry } satisfies StoredEntry);
      // One folder that is not there keeps none of the others full.
      await Promise.allSettled([
        prune(join(this.#folder, 'entries'), KEPT, new Set(this.#held.keys())),
        prune(join(this.#folder, 'artifacts'), KEPT, new Set(this.#held.values())),
        // What a killed process left behind.
        prune(join(this.#folder, 'probe'), 0),
      ]);
    } catch {
      // Without an entry the next packaging bundles again.
    }
  }

  #entryPath(key: string): string {
    return join(this.#folder, 'entries', `${key}.json`);
  }

  #zipPath({ zip }: Omit<StoredArtifact, 'format'>): string {
    return zip.at === 'root'
      ? resolve(this.#root, zip.file)
      : join(this.#folder, 'artifacts', zip.file);
  }
}

/** It was used; a folder that cannot be written is not cleared up either. */
async function touch(path: string): Promise<void> {
  const now = new Date();
  await utimes(path, now, now).catch(() => {});
}

/**
 * Keeps what is held, and of the rest the last used, at least `kept` of them, and what was used within
 * {@link KEPT_AT_LEAST_MS}, up to {@link KEPT_AT_MOST}. Files whose names begin with the same digest, or differ in their
 * extensions alone, belong together.
 */
async function prune(
  folder: string,
  kept: number,
  held: ReadonlySet<string> = new Set(),
): Promise<void> {
  const names = await readdir(folder);
  if (names.length <= kept) return;
  const groups = new Map<string, { names: string[]; usedMs: number }>();
  await Promise.all(
    names.map(async (name) => {
      const id = /^[0-9a-f]{40}(?![^.-])/.exec(name)?.[0] ?? name.split('.', 1)[0] ?? name;
      // Not even looked at: of a thousand functions, each that is packaged would ask for the files of all.
      if (held.has(id)) return;
      // Another process clears up too.
      const found = await stat(join(folder, name)).catch(() => undefined);
      const group = groups.get(id) ?? { names: [], usedMs: 0 };
      group.names.push(name);
      group.usedMs = Math.max(group.usedMs, found?.mtimeMs ?? 0);
      groups.set(id, group);
    }),
  );
  const old = [...groups.values()]
    .sort((a, b) => b.usedMs - a.usedMs)
    .slice(kept)
    .filter(
      ({ usedMs }, index) => kept + index >= KEPT_AT_MOST || usedMs < Date.now() - KEPT_AT_LEAST_MS,
    );
  await Promise.all(
    old
      .flatMap((group) => group.names)
      .map((name) => rm(join(folder, name), { recursive: true, force: true })),
  );
}

// The checksum proves that we wrote it; the format number, that it has this shape.
const isEntry = (value: unknown): value is StoredEntry => hasFormat(value);
const isArtifact = (value: unknown): value is StoredArtifact => hasFormat(value);
const hasFormat = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && 'format' in value && value.format === FORMAT;
