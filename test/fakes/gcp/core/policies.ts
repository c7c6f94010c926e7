/** IAM policies of resources, and who may do what by them. */
import { createHash } from 'node:crypto';
import { GoogleFault } from './fault.ts';
import { isMap, mapOf, textOf, type JsonMap } from './json.ts';
import type { Caller, FakeClock, PoliciesPort, PolicyBinding } from './ports.ts';

/** "typically within 2 minutes, potentially 7 minutes or longer": this much of it, in simulated time. */
export const SPREAD_MS = 7_000;

interface Grant {
  readonly role: string;
  readonly member: string;
  /** As it was written: text of a condition, or empty. */
  readonly condition: string;
  readonly since: number;
}

interface Policy {
  readonly etag: string;
  readonly version: number;
  readonly grants: readonly Grant[];
}

export interface PoliciesParts {
  readonly clock: FakeClock;
  readonly projectId: string;
  /** Service accounts of the project and of Google's own services. */
  accountExists(email: string): boolean;
}

/** What a resource has whose policy nobody wrote. */
const NO_POLICY: Policy = { etag: 'ACAB', version: 1, grants: [] };
const ROLE = /^(?:roles\/[\w.]+|(?:projects|organizations)\/[^/]+\/roles\/[\w.]+)$/;
const MEMBER = /^(?:deleted:)?(?:user|group|serviceAccount|domain|principal|principalSet):\S+$/;
const ANYBODY = ['allUsers', 'allAuthenticatedUsers'];
const POLICY_FIELDS = new Set(['version', 'etag', 'bindings', 'auditConfigs']);
const BINDING_FIELDS = new Set(['role', 'members', 'condition']);

export class Policies implements PoliciesPort {
  /** Whether the organization lets nobody in from outside: `constraints/iam.allowedPolicyMemberDomains`. */
  forbidsPublic = false;
  readonly #parts: PoliciesParts;
  readonly #policies = new Map<string, Policy>();
  #writes = 0;

  constructor(parts: PoliciesParts) {
    this.#parts = parts;
  }

  /** A caller without an e-mail address is anybody. */
  allows(caller: Caller, resource: string, roles: readonly string[]): boolean {
    if (caller.kind !== 'account') return true;
    const now = this.#parts.clock.now();
    const members =
      caller.email === '' ? ['allUsers'] : [`serviceAccount:${caller.email}`, ...ANYBODY];
    return [resource, `projects/${this.#parts.projectId}`].some((name) =>
      this.#policies
        .get(name)
        ?.grants.some(
          ({ role, member, since }) =>
            roles.includes(role) && members.includes(member) && now >= since + SPREAD_MS,
        ),
    );
  }

  get(resource: string): ReturnType<PoliciesPort['get']> {
    return shown(this.#policies.get(resource) ?? NO_POLICY);
  }

  set(resource: string, policy: unknown): ReturnType<PoliciesPort['get']> {
    const wish = mapOf(policy);
    for (const name of Object.keys(wish)) {
      if (!POLICY_FIELDS.has(name)) throw unknown(name, 'policy');
    }
    const before = this.#policies.get(resource) ?? NO_POLICY;
    const etag = textOf(wish['etag']);
    if (etag !== '' && etag !== before.etag) {
      throw new GoogleFault(
        'ABORTED',
        `There were concurrent policy changes. Please retry the whole read-modify-write with exponential backoff. The request's ETag '${etag}' did not match the current policy's ETag '${before.etag}'.`,
      );
    }
    const now = this.#parts.clock.now();
    const grants = this.#grantsOf(wish).map((grant) => {
      const old = before.grants.find((one) => keyOf(one) === keyOf(grant));
      // What was granted before the organization's policy stays.
      if (old === undefined) this.#refuseAnybody(grant);
      return { ...grant, since: old?.since ?? now };
    });
    const version = grants.some(({ condition }) => condition !== '') ? 3 : 1;
    const next = { etag: this.#nextEtag(), version, grants };
    this.#policies.set(resource, next);
    return shown(next);
  }

  delete(resource: string): void {
    this.#policies.delete(resource);
  }

  /** Gives what needs no time to spread: what was there from the beginning. */
  grantAtOnce(resource: string, role: string, member: string): void {
    const before = this.#policies.get(resource) ?? NO_POLICY;
    const grant = { role, member, condition: '', since: Number.NEGATIVE_INFINITY };
    const others = before.grants.filter((one) => keyOf(one) !== keyOf(grant));
    this.#policies.set(resource, {
      etag: this.#nextEtag(),
      version: before.version,
      grants: [...others, grant],
    });
  }

  /** An account that goes leaves its grants behind, for nobody: a new one of its name does not have them. */
  forget(email: string, uniqueId: string): void {
    const member = `serviceAccount:${email}`;
    for (const [resource, policy] of this.#policies) {
      if (!policy.grants.some((grant) => grant.member === member)) continue;
      const grants = policy.grants.map((grant) =>
        grant.member === member ? { ...grant, member: `deleted:${member}?uid=${uniqueId}` } : grant,
      );
      this.#policies.set(resource, { ...policy, etag: this.#nextEtag(), grants });
    }
  }

  #grantsOf(wish: JsonMap): readonly Grant[] {
    const bindings = wish['bindings'] ?? [];
    if (!Array.isArray(bindings)) {
      throw new GoogleFault('INVALID_ARGUMENT', "Invalid value at 'policy.bindings'");
    }
    return bindings.flatMap((binding: unknown, index) => {
      if (!isMap(binding)) {
        throw new GoogleFault('INVALID_ARGUMENT', `Invalid value at 'policy.bindings[${index}]'`);
      }
      for (const name of Object.keys(binding)) {
        if (!BINDING_FIELDS.has(name)) throw unknown(name, `policy.bindings[${index}]`);
      }
      const condition = binding['condition'] ? JSON.stringify(binding['condition']) : '';
      if (condition !== '' && wish['version'] !== 3) {
        throw new GoogleFault(
          'INVALID_ARGUMENT',
          'Policies with conditions must have version 3 specified.',
        );
      }
      const role = textOf(binding['role']);
      if (!ROLE.test(role)) {
        throw new GoogleFault(
          'INVALID_ARGUMENT',
          `Role ${role} is not supported for this resource.`,
        );
      }
      const { members } = binding;
      const all: readonly unknown[] = Array.isArray(members) ? members : [];
      return all.map((member) => ({ role, member: this.#memberOf(member), condition, since: 0 }));
    });
  }

  #refuseAnybody({ member }: Grant): void {
    if (!this.forbidsPublic || !ANYBODY.includes(member)) return;
    throw new GoogleFault(
      'FAILED_PRECONDITION',
      'One or more users named in the policy do not belong to a permitted customer,  perhaps due to an organization policy.',
    );
  }

  #memberOf(member: unknown): string {
    const text = textOf(member);
    if (ANYBODY.includes(text)) return text;
    if (!MEMBER.test(text)) {
      throw new GoogleFault(
        'INVALID_ARGUMENT',
        `The member ${text} is of an unknown type. Please set a valid type prefix for the member.`,
      );
    }
    const email = /^serviceAccount:(.+)$/.exec(text)?.[1];
    if (email !== undefined && !this.#parts.accountExists(email)) {
      throw new GoogleFault('INVALID_ARGUMENT', `Service account ${email} does not exist.`);
    }
    return text;
  }

  #nextEtag(): string {
    this.#writes += 1;
    const digest = createHash('sha256').update(`policy ${this.#writes}`).digest('base64');
    return `BwY${digest.slice(0, 8).replaceAll(/[+/]/g, 'x')}=`;
  }
}

function keyOf({ role, member, condition }: Grant): string {
  return JSON.stringify([role, member, condition]);
}

function unknown(name: string, at: string): GoogleFault {
  return new GoogleFault(
    'INVALID_ARGUMENT',
    `Invalid JSON payload received. Unknown name "${name}" at '${at}': Cannot find field.`,
  );
}

function shown({ etag, version, grants }: Policy): ReturnType<PoliciesPort['get']> {
  const bindings = new Map<string, { role: string; members: string[]; condition: string }>();
  for (const { role, member, condition } of grants) {
    const key = JSON.stringify([role, condition]);
    const binding = bindings.get(key) ?? { role, members: [], condition };
    binding.members.push(member);
    bindings.set(key, binding);
  }
  const shownBindings = [...bindings.values()].map(
    ({ role, members, condition }): PolicyBinding => ({
      role,
      members,
      ...(condition !== '' && { condition: JSON.parse(condition) as unknown }),
    }),
  );
  return { version, etag, bindings: shownBindings };
}
