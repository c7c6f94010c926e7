/** The keys that sign direct calls. */

/** One invoke key. The secret never leaves the platform's own store and the process that calls. */
export interface DirectKey {
  /** Lower case letters, digits and dashes. Travels with each call. */
  readonly id: string;
  readonly secret: string;
}

/**
 * Reads keys as the platform's settings hold them: `id:secret`, and after a comma the key before it, which stays valid
 * while keys are rotated. What is no key is left out.
 */
export function parseDirectKeys(text: string): readonly DirectKey[] {
  return text.split(',').flatMap((part) => {
    const [, id, secret] = /^\s*([a-z0-9-]+):([\w-]{16,})\s*$/.exec(part) ?? [];
    return id === undefined || secret === undefined ? [] : [{ id, secret }];
  });
}

/** The keys as {@link parseDirectKeys} reads them: the newest first. */
export function formatDirectKeys(keys: readonly DirectKey[]): string {
  return keys.map(({ id, secret }) => `${id}:${secret}`).join(',');
}
