import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { readdir, rm, stat } from 'node:fs/promises';
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
  readonly stored: StoredArtifact;
  readonly bytes: Buffer;
  /** True when the cache folder could not be written: then the bytes are nowhere else. */
  readonly unstored?: boolean;
}

const FORMAT = 1;
const KEPT = 64;
const KEPT_AT_LEAST_MS = 24 * 60 * 60 * 1000;

/** The cache folder. What is missing or damaged in it is as good as not there; what cannot be written is left out. */
export class PackageCache {
  readonly #root: string;
  readonly #folder: string;

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
    return this.artifact(entry.digest);
  }

  /** An artifact by its digest, when its zip is there and whole. */
  async artifact(digest: string): Promise<FoundArtifact | undefined> {
    const stored = await readSealed(join(this.#folder, 'artifacts', `${digest}.json`));
    if (!isArtifact(stored) || stored.manifest.digest !== digest) return undefined;
    const bytes = this.readZip(stored);
    return bytes && { stored, bytes };
  }

  /** The bytes of a stored zip, or undefined when they are no longer what was stored. */
  readZip(stored: StoredArtifact): Buffer | undefined {
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
      await prune(join(this.#folder, 'entries'), KEPT);
      await prune(join(this.#folder, 'artifacts'), KEPT * 3);
      // What a killed process left behind.
      await prune(join(this.#folder, 'probe'), 0);
    } catch {
      // Without an entry the next packaging bundles again.
    }
  }

  #entryPath(key: string): string {
    return join(this.#folder, 'entries', `${key}.json`);
  }

  #zipPath({ zip }: StoredArtifact): string {
    return zip.at === 'root'
      ? resolve(this.#root, zip.file)
      : join(this.#folder, 'artifacts', zip.file);
  }
}

/** Keeps the newest files, and all that another process may be about to read. */
async function prune(folder: string, kept: number): Promise<void> {
  const names = await readdir(folder);
  if (names.length <= kept) return;
  const files = await Promise.all(
    names.map(async (name) => ({ name, modifiedMs: (await stat(join(folder, name))).mtimeMs })),
  );
  const old = files
    .sort((a, b) => b.modifiedMs - a.modifiedMs)
    .slice(kept)
    .filter(({ modifiedMs }) => modifiedMs < Date.now() - KEPT_AT_LEAST_MS);
  await Promise.all(
    old.map(({ name }) => rm(join(folder, name), { recursive: true, force: true })),
  );
}

// The checksum proves that we wrote it; the format number, that it has this shape.
const isEntry = (value: unknown): value is StoredEntry => hasFormat(value);
const isArtifact = (value: unknown): value is StoredArtifact => hasFormat(value);
const hasFormat = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && 'format' in value && value.format === FORMAT;
