/** Reads what is encrypted and ours, and keeps no value of it: whether there are keys, and what environments come to. */
import { parseDirectKeys } from 'polyfaas/http';
import type { VercelClients } from '../clients/index.ts';
import { classify } from '../errors.ts';
import { readValue } from './variables.ts';
import { digestOfEnv } from '../fingerprint.ts';
import { VARIABLE } from '../manifest.ts';
import type { Asking, VercelObserved } from '../model.ts';

/** Values that are read at once: each is a call. */
const AT_ONCE = 8;

export async function readValues(
  vercel: VercelClients,
  projectId: string,
  variables: NonNullable<VercelObserved['variables']>,
  call: Asking,
): Promise<NonNullable<VercelObserved['values']>> {
  const readable = variables.filter(({ type }) => type !== 'sensitive');
  const keys = readable.find(({ key }) => key === VARIABLE.invokeKeys);
  const envs = readable.filter(({ key }) => key.startsWith(VARIABLE.env));
  const wanted = keys === undefined ? envs : [keys, ...envs];
  const texts = new Map<string, string>();
  // Of what is not for this token, nothing is known.
  const read = async (id: string): Promise<void> => {
    try {
      texts.set(id, (await readValue(vercel, projectId, id, call)) ?? '');
    } catch (error) {
      if (classify(error).code !== 'PERMISSION_DENIED') throw error;
    }
  };
  for (let at = 0; at < wanted.length; at += AT_ONCE) {
    await Promise.all(wanted.slice(at, at + AT_ONCE).map(({ id }) => read(id)));
  }
  const found = keys && texts.get(keys.id);
  const envDigests: Record<string, string> = {};
  for (const { key, id } of envs) {
    const text = texts.get(id);
    if (text !== undefined) envDigests[key] = digestOfEnv(key, text);
  }
  return { hasKeys: found === undefined || parseDirectKeys(found).length > 0, envDigests };
}
