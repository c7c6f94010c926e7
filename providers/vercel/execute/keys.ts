/** The keys that sign direct calls, and the secret of crons. They are made here, and never leave Vercel but to sign. */
import { randomBytes } from 'node:crypto';
import { formatDirectKeys, parseDirectKeys } from 'polyfaas/http';
import type { CallContext } from 'polyfaas/spi';
import type { VercelClients } from '../clients/index.ts';
import { VARIABLE } from '../manifest.ts';
import type { Executor } from '../model.ts';
import type { KeysInput } from '../steps.ts';
import { inputOf } from '../step-input.ts';
import { conflict } from './refusals.ts';
import {
  changeVariable,
  createVariable,
  DEPLOYED,
  hasTargets,
  readValue,
  type Variable,
  variablesOf,
} from './variables.ts';

const KEY_BYTES = 32;

export const writeKeys: Executor = async (vercel, step, call) => {
  const { projectId, keyId, needsCronSecret } = inputOf<KeysInput>(step);
  const variables = await variablesOf(vercel, projectId, call);
  const present = variables.get(VARIABLE.invokeKeys);
  if (present === undefined) await makeKeys(vercel, projectId, keyId, call);
  else await changeKeys(vercel, projectId, keyId, present, call);
  if (needsCronSecret && variables.get(VARIABLE.cronSecret) === undefined) {
    // One that somebody made meanwhile is as good.
    await createVariable(
      vercel,
      projectId,
      { key: VARIABLE.cronSecret, value: randomSecret(), type: 'sensitive', target: DEPLOYED },
      call,
    );
  }
  return { done: true };
};

/** Added, never put over others: of two deploys that make one, both go on with the same. */
async function makeKeys(
  vercel: VercelClients,
  projectId: string,
  keyId: string,
  call: CallContext,
): Promise<void> {
  const key = VARIABLE.invokeKeys;
  const value = keysWith('', keyId);
  const wish = { key, value, type: 'encrypted', target: DEPLOYED } as const;
  if ((await createVariable(vercel, projectId, wish, call)) === 'made') return;
  const present = (await variablesOf(vercel, projectId, call)).get(key);
  if (present === undefined) throw conflict(`its variable ${key} is gone`);
  await changeKeys(vercel, projectId, keyId, present, call);
}

async function changeKeys(
  vercel: VercelClients,
  projectId: string,
  keyId: string,
  present: Variable,
  call: CallContext,
): Promise<void> {
  const value = (await readValue(vercel, projectId, present.id, call)) ?? '';
  const next = keysWith(value, keyId);
  const change = {
    ...(next === value ? {} : { value: next }),
    ...(hasTargets(present, DEPLOYED) ? {} : { target: DEPLOYED }),
  };
  if (Object.keys(change).length > 0) {
    await changeVariable(vercel, projectId, present.id, change, call);
  }
}

/** The key of that name in front; the one before it stays valid, and older ones go. */
export function keysWith(text: string, keyId: string): string {
  const keys = parseDirectKeys(text);
  const own = keys.find(({ id }) => id === keyId) ?? { id: keyId, secret: randomSecret() };
  const [before] = keys.filter(({ id }) => id !== keyId);
  return formatDirectKeys(before ? [own, before] : [own]);
}

function randomSecret(): string {
  return randomBytes(KEY_BYTES).toString('base64url');
}
