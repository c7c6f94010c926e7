/** Digests: what makes "unchanged" mean unchanged. */
import { createHash } from 'node:crypto';
import type { SecretRef } from '../spec/types.ts';
import type { Binding } from './bindings.ts';

/** JSON with sorted keys: equal values give equal text. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(
          Object.entries(inner).toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)),
        )
      : inner,
  );
}

/** 40 hex characters of the SHA-256 of a value's canonical JSON. */
export function digestOf(value: unknown): string {
  return createHash('sha256').update(canonicalJson(value)).digest('hex').slice(0, 40);
}

/** What a version is made of; `env` holds references to secrets, never their values. */
export interface VersionParts {
  readonly artifactDigest: string;
  readonly env: Readonly<Record<string, string | SecretRef>>;
  readonly memoryMb: number;
  readonly timeoutSeconds: number;
  readonly runtime: string;
  /** Left out where the platform chooses, so that it does not count. */
  readonly architecture?: 'x86_64' | 'arm64' | undefined;
}

/**
 * The digest of a version. Where further settings belong to a version (layers, a network, a disk), the planner
 * hashes it once more together with them: `digestOf({ version: request.versionDigest, layers })`. That digest is
 * then the version's, in the plan's result and in what is observed.
 */
export function versionDigest(parts: VersionParts): string {
  return digestOf(parts);
}

/** The digest of a set of bindings; their order does not matter. */
export function bindingsDigest(bindings: readonly Binding[]): string {
  return digestOf(bindings.toSorted((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0)));
}

/** True when two JSON values are equal, whatever the order of their keys. */
export function sameJson(a: unknown, b: unknown): boolean {
  return a === b || canonicalJson(a) === canonicalJson(b);
}
