import type { SecretRef } from '../spec/types.ts';

/** Stands for every secret. A URL, since many a module makes one of such a value as soon as it is loaded. */
const INSTEAD_OF_SECRETS = 'https://secret.invalid';

/**
 * The environment that code has while it is loaded here to see what it handles: the declared one, with a stand-in for
 * each secret, and nothing of this process.
 */
export function standInEnv(
  env: Readonly<Record<string, string | SecretRef>>,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) => {
      // Options of Node itself are for the platform's process; a thread refuses most.
      if (name.toUpperCase() === 'NODE_OPTIONS') return [];
      return [[name, typeof value === 'string' ? value : INSTEAD_OF_SECRETS]];
    }),
  );
}
