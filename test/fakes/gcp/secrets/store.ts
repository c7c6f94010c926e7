/** Secrets and their versions. */
import { randomBytes } from 'node:crypto';
import type { JsonMap } from '../core/json.ts';
import type { FakeClock } from '../core/ports.ts';

export interface SecretVersion {
  readonly number: number;
  readonly createdAt: number;
  /** Undefined once it is destroyed. */
  readonly payload: Buffer | undefined;
  readonly state: 'ENABLED' | 'DISABLED' | 'DESTROYED';
  readonly destroyedAt: number | undefined;
  readonly hasChecksum: boolean;
  readonly etag: string;
}

export interface Secret {
  readonly id: string;
  readonly createdAt: number;
  /** What its makers wrote: `labels`, `annotations`, `replication`, ... */
  readonly fields: JsonMap;
  readonly etag: string;
  /** Oldest first. */
  readonly versions: readonly SecretVersion[];
}

export class SecretStore {
  readonly #clock: FakeClock;
  readonly #secrets = new Map<string, Secret>();

  constructor(clock: FakeClock) {
    this.#clock = clock;
  }

  get all(): readonly Secret[] {
    return [...this.#secrets.values()].toSorted((a, b) => (a.id < b.id ? -1 : 1));
  }

  get(id: string): Secret | undefined {
    return this.#secrets.get(id);
  }

  create(id: string, fields: JsonMap): Secret {
    const createdAt = this.#clock.now();
    return this.#put({ id, createdAt, fields, etag: newEtag(), versions: [] });
  }

  /** Every change is another etag, also one that changes nothing. */
  change(secret: Secret, fields: JsonMap): Secret {
    return this.#put({ ...secret, fields, etag: newEtag() });
  }

  delete(id: string): void {
    this.#secrets.delete(id);
  }

  addVersion(secret: Secret, payload: Buffer, hasChecksum: boolean): SecretVersion {
    const version: SecretVersion = {
      number: (secret.versions.at(-1)?.number ?? 0) + 1,
      createdAt: this.#clock.now(),
      payload,
      state: 'ENABLED',
      destroyedAt: undefined,
      hasChecksum,
      etag: newEtag(),
    };
    this.#put({ ...secret, versions: [...secret.versions, version] });
    return version;
  }

  setState(secret: Secret, version: SecretVersion, state: SecretVersion['state']): SecretVersion {
    const isDestroyed = state === 'DESTROYED';
    const next: SecretVersion = {
      ...version,
      state,
      etag: newEtag(),
      payload: isDestroyed ? undefined : version.payload,
      destroyedAt: isDestroyed ? this.#clock.now() : undefined,
    };
    const versions = secret.versions.map((one) => (one.number === version.number ? next : one));
    this.#put({ ...secret, versions });
    return next;
  }

  #put(secret: Secret): Secret {
    this.#secrets.set(secret.id, secret);
    return secret;
  }
}

/** `latest` is the version that was made last, whatever became of it. */
export function versionOf(secret: Secret, name: string): SecretVersion | undefined {
  if (name === 'latest') return secret.versions.at(-1);
  return secret.versions.find(({ number }) => String(number) === name);
}

/** Quoted, as they are on the wire. */
function newEtag(): string {
  return `"${randomBytes(7).toString('hex')}"`;
}
