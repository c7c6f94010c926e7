/** Secrets in one file that only its owner can read. */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ServerlessError, type SecretRef } from 'polyfaas/spi';

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

  constructor(stateFolder: string, onChange: (name: string) => void) {
    this.#file = join(stateFolder, 'secrets.json');
    this.#onChange = onChange;
  }

  set(name: string, value: string): string {
    if (typeof value !== 'string') {
      throw new ServerlessError({
        code: 'INVALID_ARGUMENT',
        message: `secrets.set("${name}", ...): the value has to be a string. Write JSON as text.`,
      });
    }
    const all = this.#read();
    const versions = [...versionsOf(all, name), value];
    this.#write({ ...all, [name]: versions });
    this.#onChange(name);
    return String(versions.length);
  }

  delete(name: string): void {
    const { [name]: _gone, ...rest } = this.#read();
    this.#write(rest);
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
      throw error;
    }
    return decode(text, this.#file);
  }

  #write(all: Versions): void {
    const draft = `${this.#file}.draft`;
    writeFileSync(draft, JSON.stringify(all), { mode: 0o600 });
    renameSync(draft, this.#file);
  }
}

/** A secret may have the name of something that every object has. */
function versionsOf(all: Versions, name: string): readonly string[] {
  return Object.hasOwn(all, name) ? (all[name] ?? []) : [];
}

function decode(text: string, file: string): Versions {
  try {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- this provider wrote the file
    return JSON.parse(text) as Versions;
  } catch {
    // The cause would quote the file, which is secret.
    throw new ServerlessError({
      code: 'UNAVAILABLE',
      message: `The secrets in ${file} cannot be read: the file is not JSON. Restore it, or delete it and set the secrets again.`,
    });
  }
}

function missing(key: string, ref: SecretRef): ServerlessError {
  const which = ref.version === undefined ? '' : ` in version ${ref.version}`;
  return new ServerlessError({
    code: 'INVALID_ARGUMENT',
    message: `env.${key}: there is no secret "${ref.$secret}"${which} on the local provider. Set it: manager.native(LOCAL).secrets.set("${ref.$secret}", value).`,
  });
}
