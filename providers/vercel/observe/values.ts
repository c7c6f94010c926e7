/** Reads what is encrypted and ours, and keeps no value of it: whether there are keys, and what environments come to. */
import { parseDirectKeys } from 'polyfaas/http';
import { digestOf } from 'polyfaas/spi';
import type { VercelClients } from '../clients/index.ts';
import { classify } from '../errors.ts';
import { readValue } from '../execute/variables.ts';
import { VARIABLE } from '../manifest.ts';
import type { VercelObserved } from '../model.ts';

export async function readValues(
  vercel: VercelClients,
  projectId: string,
  variables: NonNullable<VercelObserved['variables']>,
  signal: AbortSignal,
): Promise<NonNullable<VercelObserved['values']>> {
  const readable = variables.filter(({ type }) => type !== 'sensitive');
  // Undefined: it is not for this token, and nothing is known of it.
  const read = async (id: string): Promise<string | undefined> => {
    try {
      return (await readValue(vercel, projectId, id, { signal })) ?? '';
    } catch (error) {
      if (classify(error).code !== 'PERMISSION_DENIED') throw error;
      return undefined;
    }
  };
  const keys = readable.find(({ key }) => key === VARIABLE.invokeKeys);
  const found = keys === undefined ? undefined : await read(keys.id);
  const envDigests: Record<string, string> = {};
  for (const { key, id } of readable.filter((one) => one.key.startsWith(VARIABLE.env))) {
    const value = await read(id);
    if (value !== undefined) envDigests[key] = digestOf(value);
  }
  return { hasKeys: found === undefined || parseDirectKeys(found).length > 0, envDigests };
}
