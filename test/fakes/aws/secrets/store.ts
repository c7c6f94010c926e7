/** The secrets of the account and their versions. */
import { randomBytes, randomUUID } from 'node:crypto';
import type { World } from '../core/ports.ts';
import { AwsFault } from '../core/service.ts';

export interface SecretVersion {
  readonly id: string;
  readonly text: string | undefined;
  /** Base64. */
  readonly binary: string | undefined;
  readonly createdAt: number;
  readonly stages: Set<string>;
}

export interface Secret {
  readonly name: string;
  readonly arn: string;
  description: string | undefined;
  readonly createdAt: number;
  changedAt: number;
  /** When it goes for good; undefined while nobody asked for that. */
  deletedAt: number | undefined;
  readonly tags: Map<string, string>;
  readonly versions: Map<string, SecretVersion>;
}

export interface SecretContent {
  readonly text?: string | undefined;
  readonly binary?: string | undefined;
}

const CURRENT = 'AWSCURRENT';
const PREVIOUS = 'AWSPREVIOUS';

export class SecretStore {
  readonly #world: Pick<World, 'clock' | 'account' | 'region'>;
  readonly #secrets = new Map<string, Secret>();

  constructor(world: Pick<World, 'clock' | 'account' | 'region'>) {
    this.#world = world;
  }

  get all(): readonly Secret[] {
    this.#sweep();
    return [...this.#secrets.values()];
  }

  create(name: string, description: string | undefined): Secret {
    const present = this.find(name);
    if (present?.deletedAt !== undefined) {
      const message =
        "You can't create this secret because a secret with this name is already scheduled for deletion.";
      throw new AwsFault(400, 'InvalidRequestException', message);
    }
    if (present) {
      const message = `The operation failed because the secret ${name} already exists.`;
      throw new AwsFault(400, 'ResourceExistsException', message);
    }
    const { clock, region, account } = this.#world;
    const suffix = randomBytes(3).toString('hex');
    const secret: Secret = {
      name,
      arn: `arn:aws:secretsmanager:${region}:${account}:secret:${name}-${suffix}`,
      description,
      createdAt: clock.now(),
      changedAt: clock.now(),
      deletedAt: undefined,
      tags: new Map(),
      versions: new Map(),
    };
    this.#secrets.set(name, secret);
    return secret;
  }

  /** By name, ARN, or ARN without its random end. */
  find(id: string): Secret | undefined {
    this.#sweep();
    return (
      this.#secrets.get(id) ??
      [...this.#secrets.values()].find(({ arn }) => arn === id || arn.slice(0, -7) === id)
    );
  }

  get(id: string): Secret {
    const secret = this.find(id);
    if (!secret) {
      const message = "Secrets Manager can't find the specified secret.";
      throw new AwsFault(400, 'ResourceNotFoundException', message);
    }
    return secret;
  }

  /** A secret that is not about to be deleted. */
  getLive(id: string): Secret {
    const secret = this.get(id);
    if (secret.deletedAt !== undefined) {
      const message =
        "You can't perform this operation on the secret because it was marked for deletion.";
      throw new AwsFault(400, 'InvalidRequestException', message);
    }
    return secret;
  }

  /** Adds a version; the same token with the same content again is no new one. */
  put(
    secret: Secret,
    content: SecretContent,
    token: string = randomUUID(),
    stages: readonly string[] = [CURRENT],
  ): SecretVersion {
    const present = secret.versions.get(token);
    if (present) {
      if (present.text === content.text && present.binary === content.binary) return present;
      const message = `You can't use ClientRequestToken ${token} because that value is already in use for a version of secret ${secret.arn}.`;
      throw new AwsFault(400, 'ResourceExistsException', message);
    }
    const version: SecretVersion = {
      id: token,
      text: content.text,
      binary: content.binary,
      createdAt: this.#world.clock.now(),
      stages: new Set(),
    };
    secret.versions.set(token, version);
    for (const stage of stages) moveStage(secret, version, stage);
    secret.changedAt = version.createdAt;
    return version;
  }

  version(secret: Secret, id: string | undefined, stage: string | undefined): SecretVersion {
    const wanted = stage ?? (id === undefined ? CURRENT : undefined);
    const found = [...secret.versions.values()].find(
      (version) =>
        (id === undefined || version.id === id) &&
        (wanted === undefined || version.stages.has(wanted)),
    );
    if (!found) {
      const what = id === undefined ? `staging label: ${wanted ?? CURRENT}` : `VersionId: ${id}`;
      const message = `Secrets Manager can't find the specified secret value for ${what}`;
      throw new AwsFault(400, 'ResourceNotFoundException', message);
    }
    return found;
  }

  remove(secret: Secret): void {
    this.#secrets.delete(secret.name);
  }

  #sweep(): void {
    const now = this.#world.clock.now();
    for (const secret of this.#secrets.values()) {
      if (secret.deletedAt !== undefined && secret.deletedAt <= now) this.remove(secret);
    }
  }
}

/** A stage is on one version only; the one that was current becomes the previous one. */
function moveStage(secret: Secret, version: SecretVersion, stage: string): void {
  const before = [...secret.versions.values()].find(({ stages }) => stages.has(stage));
  before?.stages.delete(stage);
  version.stages.add(stage);
  if (stage === CURRENT && before && before !== version) moveStage(secret, before, PREVIOUS);
}
