/** Secrets in one file that only its owner can read. */
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ServerlessError, type SecretRef } from 'polyfaas/spi';
import type { PlatformSettings } from '../options.ts';
import { toStoreError } from '../store/store-errors.ts';
import { checkSecret } from './secret-rules.ts';
import { syncFolder } from '../sync-folder.ts';

/** Sets and removes secrets. Values are never listed, logged, or shown. */
export interface SecretStore {
  /** Adds a version and returns its name. Instances that start later see it. */
  set(name: string, value: string): string;
  delete(name: string): void;
  /** Names only. */
  list(): readonly string[];
}

type Versions = Readonly<Record<string, readonly string[]>>;

export class SecretFile implements SecretStore {
  readonly #file: string;
  readonly #onChange: (name: string) => void;
  readonly #survivesPowerLoss: boolean;
  readonly #asOwner: <Result>(work: () => Result) => Result;

  /** @param asOwner does the work, or throws where the state folder is no longer ours to write to. */
  constructor(
    stateFolder: string,
    onChange: (name: string) => void,
    durability: PlatformSettings['durability'],
    asOwner: <Result>(work: () => Result) => Result = (work) => work(),
  ) {
    this.#asOwner = asOwner;
    this.#file = join(stateFolder, 'secrets.json');
    this.#onChange = onChange;
    this.#survivesPowerLoss = durability === 'power';
  }

  set(name: string, value: string): string {
    checkSecret(name, value);
    const version = this.#asOwner(() => {
      const all = this.#read();
      const versions = [...versionsOf(all, name), value];
      this.#write({ ...all, [name]: versions });
      return String(versions.length);
    });
    this.#onChange(name);
    return version;
  }

  delete(name: string): void {
    this.#asOwner(() => {
      const { [name]: _gone, ...rest } = this.#read();
      this.#write(rest);
    });
    this.#onChange(name);
  }

  list(): readonly string[] {
    return Object.keys(this.#read()).toSorted();
  }

  /** The environment with every reference replaced. */
  resolve(env: Readonly<Record<string, string | SecretRef>>): Readonly<Record<string, string>> {
    const plain: Record<string, string> = {};
    let all: Versions | undefined;
    for (const [key, value] of Object.entries(env)) {
      if (typeof value === 'string') {
        plain[key] = value;
        continue;
      }
      all ??= this.#read();
      const versions = versionsOf(all, value.$secret);
      const found =
        value.version === undefined ? versions.at(-1) : versions[Number(value.version) - 1];
      if (found === undefined) throw missing(key, value);
      plain[key] = found;
    }
    return plain;
  }

  #read(): Versions {
    let text: string;
    try {
      text = readFileSync(this.#file, 'utf8');
    } catch (error) {
      // Anything else must not look like "no secrets": the next write would lose them all.
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return {};
      throw unusable(error, this.#file);
    }
    return decode(text, this.#file);
  }

  #write(all: Versions): void {
    const draft = `${this.#file}.draft`;
    try {
      writeFileSync(draft, JSON.stringify(all), { mode: 0o600, flush: this.#survivesPowerLoss });
      renameSync(draft, this.#file);
      if (this.#survivesPowerLoss) syncFolder(dirname(this.#file));
    } catch (error) {
      removeDraft(draft);
      throw unusable(error, this.#file);
    }
  }
}

/** A part of the secrets must not lie about; but what went wrong before is what has to be told. */
function removeDraft(draft: string): void {
  try {
    rmSync(draft, { force: true });
  } catch {
    // It is no file.
  }
}

/** A secret may have the name of something that every object has. */
function versionsOf(all: Versions, name: string): readonly string[] {
  return Object.hasOwn(all, name) ? (all[name] ?? []) : [];
}

/** Whatever is not as it was written is refused: the next write would lose all that was not understood. */
function decode(text: string, file: string): Versions {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // The cause would quote the file, which is secret.
    throw damaged(file, 'the file is not JSON');
  }
  if (!isVersions(value)) throw damaged(file, 'the file is no object of lists of texts');
  return value;
}

function isVersions(value: unknown): value is Versions {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return Object.values(value).every(
    (versions: unknown) =>
      Array.isArray(versions) && versions.every((version) => typeof version === 'string'),
  );
}

function damaged(file: string, what: string): ServerlessError {
  return new ServerlessError({
    code: 'UNAVAILABLE',
    provider: 'local',
    message: `The secrets in ${file} cannot be read: ${what}. Restore it, or delete it and set the secrets again.`,
  });
}

/** An error of the file system: it names the file, and quotes nothing of it. */
function unusable(cause: unknown, file: string): unknown {
  const known = toStoreError(cause, file);
  if (ServerlessError.isInstance(known)) return known;
  return new ServerlessError({
    code: 'UNAVAILABLE',
    provider: 'local',
    message: `The secrets in ${file} cannot be used: ${String(cause)}. Check the file and its folder, or move the file aside and set the secrets again.`,
    cause,
  });
}

function missing(key: string, ref: SecretRef): ServerlessError {
  const which = ref.version === undefined ? '' : ` in version ${ref.version}`;
  return new ServerlessError({
    code: 'NOT_FOUND',
    message: `env.${key}: there is no secret "${ref.$secret}"${which} on the local provider. Set it: manager.native(LOCAL).secrets.set("${ref.$secret}", value).`,
  });
}
