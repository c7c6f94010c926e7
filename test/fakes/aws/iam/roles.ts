/** The roles of the account, with what is known of them everywhere at a time. */
import { randomBytes } from 'node:crypto';
import type { FakeClock } from '../core/ports.ts';
import { AwsFault } from '../core/service.ts';
import { MANAGED_POLICIES } from './managed-policies.ts';
import { parsePolicy, type PolicyStatement } from './policy-document.ts';

/** How long it takes until a new role can be assumed. Sheets of the cloud tell of seconds; so it is here. */
export const ROLE_SPREAD_MS = 5000;
/** How long it takes until a changed policy is in force. */
export const POLICY_SPREAD_MS = 2000;

/** What something was since when. */
interface Change<Value> {
  readonly at: number;
  readonly value: Value;
}

/** A value with its past: what is written is read at once, and in force later. */
export class Spreading<Value> {
  readonly #changes: Change<Value>[] = [];
  readonly #clock: FakeClock;

  constructor(clock: FakeClock) {
    this.#clock = clock;
  }

  set(value: Value, at = this.#clock.now()): void {
    this.#changes.push({ at, value });
  }

  get written(): Value | undefined {
    return this.#changes.at(-1)?.value;
  }

  get inForce(): Value | undefined {
    const since = this.#clock.now() - POLICY_SPREAD_MS;
    return this.#changes.findLast(({ at }) => at <= since)?.value;
  }
}

export interface Role {
  readonly name: string;
  readonly id: string;
  readonly arn: string;
  readonly path: string;
  readonly createdAt: number;
  description: string | undefined;
  maxSessionSeconds: number;
  permissionsBoundary: string | undefined;
  readonly trust: Spreading<string>;
  /** Inline policies: name to document; `null` once deleted. */
  readonly inline: Map<string, Spreading<string | null>>;
  /** Attached policies by ARN. */
  readonly attached: Map<string, Spreading<boolean>>;
  readonly tags: Map<string, string>;
}

export class Roles {
  readonly #clock: FakeClock;
  readonly #account: string;
  readonly #roles = new Map<string, Role>();

  constructor(clock: FakeClock, account: string) {
    this.#clock = clock;
    this.#account = account;
  }

  get all(): readonly Role[] {
    return [...this.#roles.values()].toSorted((one, other) => (one.name < other.name ? -1 : 1));
  }

  create(wish: {
    readonly name: string;
    readonly path: string;
    readonly trust: string;
    readonly description?: string | undefined;
    readonly maxSessionSeconds?: number | undefined;
    readonly permissionsBoundary?: string | undefined;
    readonly tags?: Readonly<Record<string, string>>;
    /** Default: now. */
    readonly createdAt?: number;
  }): Role {
    // Names that differ in case only are the same name.
    const key = wish.name.toLowerCase();
    if (this.#roles.has(key)) {
      throw new AwsFault(409, 'EntityAlreadyExists', `Role with name ${wish.name} already exists.`);
    }
    const createdAt = wish.createdAt ?? this.#clock.now();
    const role: Role = {
      name: wish.name,
      id: `AROA${randomBytes(9).toString('hex').toUpperCase().slice(0, 17)}`,
      arn: `arn:aws:iam::${this.#account}:role${wish.path}${wish.name}`,
      path: wish.path,
      createdAt,
      description: wish.description,
      maxSessionSeconds: wish.maxSessionSeconds ?? 3600,
      permissionsBoundary: wish.permissionsBoundary,
      trust: new Spreading(this.#clock),
      inline: new Map(),
      attached: new Map(),
      tags: new Map(Object.entries(wish.tags ?? {})),
    };
    role.trust.set(wish.trust, createdAt);
    this.#roles.set(key, role);
    return role;
  }

  find(name: string): Role | undefined {
    return this.#roles.get(name.toLowerCase());
  }

  get(name: string): Role {
    const role = this.find(name);
    if (!role) {
      throw new AwsFault(404, 'NoSuchEntity', `The role with name ${name} cannot be found.`);
    }
    return role;
  }

  byArn(arn: string): Role | undefined {
    const role = this.find(arn.split('/').at(-1) ?? '');
    return role?.arn === arn ? role : undefined;
  }

  delete(role: Role): void {
    this.#roles.delete(role.name.toLowerCase());
  }

  /** Whether the role is known everywhere already. */
  isKnown(role: Role): boolean {
    return this.#clock.now() - role.createdAt >= ROLE_SPREAD_MS;
  }

  /** The trust policy that is in force. */
  trust(role: Role): readonly PolicyStatement[] {
    const document = role.trust.inForce;
    return document === undefined ? [] : parsePolicy(document, 'trust');
  }

  /** The statements that are in force for a role. */
  statements(role: Role): readonly PolicyStatement[] {
    const inline = [...role.inline.values()].flatMap((policy) => policy.inForce ?? []);
    const attached = [...role.attached]
      .filter(([, isAttached]) => isAttached.inForce)
      .flatMap(([arn]) => MANAGED_POLICIES.get(arn) ?? []);
    return [...inline, ...attached].flatMap((document) => parsePolicy(document, 'identity'));
  }
}

/** The names of the inline policies that a role has now. */
export function inlineNames(role: Role): readonly string[] {
  return [...role.inline]
    .filter(([, policy]) => typeof policy.written === 'string')
    .map(([name]) => name)
    .toSorted();
}

/** The ARNs of the policies that are attached to a role now. */
export function attachedArns(role: Role): readonly string[] {
  return [...role.attached]
    .filter(([, isAttached]) => isAttached.written)
    .map(([arn]) => arn)
    .toSorted();
}
