/** The keys that sign direct calls, and the secret of crons. They are made here, and never leave Vercel but to sign. */
import { randomBytes } from 'node:crypto';
import { formatDirectKeys, parseDirectKeys } from 'polyfaas/http';
import type { CallContext } from 'polyfaas/spi';
import type { VercelClients } from '../clients/index.ts';
import { VARIABLE } from '../manifest.ts';
import type { Executor } from '../model.ts';
import type { KeysInput } from '../steps.ts';
import { inputOf } from '../step-input.ts';
import { conflict, refusal } from './refusals.ts';
import { readValue, type Variable, type Variables } from '../observe/variables.ts';
import {
  changeVariable,
  createVariable,
  deleteVariable,
  DEPLOYED,
  hasTargets,
  variablesOf,
} from './variables.ts';

type Wish = Pick<KeysInput, 'keyId' | 'appliedKeyId'>;

const KEY_BYTES = 32;
/** Crons run in production only. */
const CRON_TARGET = 'production';

export const writeKeys: Executor = async (vercel, step, call) => {
  const { projectId, needsCronSecret, ...wish } = inputOf<KeysInput>(step);
  const variables = await variablesOf(vercel, projectId, call);
  const present = variables.get(VARIABLE.invokeKeys);
  if (present?.type === 'sensitive') {
    // Nobody can sign with what cannot be read back, and its type never changes.
    await deleteVariable(vercel, projectId, present.id, call);
    await makeKeys(vercel, projectId, wish, call);
  } else if (present === undefined) {
    await makeKeys(vercel, projectId, wish, call);
  } else {
    await changeKeys(vercel, projectId, wish, present, call);
  }
  if (needsCronSecret) await makeCronSecret(vercel, projectId, variables, call);
  return { done: true };
};

/** One that production deployments are made with is as good, whoever made it. */
async function makeCronSecret(
  vercel: VercelClients,
  projectId: string,
  variables: Variables,
  call: CallContext,
): Promise<void> {
  const key = VARIABLE.cronSecret;
  const taken = new Set(
    variables.all.filter((one) => one.key === key).flatMap(({ targets }) => targets),
  );
  if (taken.has(CRON_TARGET)) return;
  const target = DEPLOYED.filter((one) => !taken.has(one));
  const wish = { key, value: randomSecret(), type: 'sensitive', target } as const;
  // One that somebody made meanwhile is as good.
  await createVariable(vercel, projectId, wish, call);
}

/** Added, never put over others: of two deploys that make one, both go on with the same. */
async function makeKeys(
  vercel: VercelClients,
  projectId: string,
  { keyId, appliedKeyId }: Wish,
  call: CallContext,
): Promise<void> {
  const key = VARIABLE.invokeKeys;
  const value = keysWith('', keyId);
  const variable = { key, value, type: 'encrypted', target: DEPLOYED } as const;
  const outcome = await createVariable(vercel, projectId, variable, call);
  if (outcome === 'made') return;
  const present = (await variablesOf(vercel, projectId, call)).get(key);
  if (present === undefined) throw conflict(`its variable ${key} is gone`);
  if (outcome === 'sensitive') {
    await deleteVariable(vercel, projectId, present.id, call);
    throw heldByPolicy();
  }
  await changeKeys(vercel, projectId, { keyId, appliedKeyId }, present, call);
}

function heldByPolicy(): ReturnType<typeof refusal> {
  return refusal(
    'PERMISSION_DENIED',
    `The team's policy "Enforce Sensitive Environment Variables" (sensitiveEnvironmentVariablePolicy) makes ${VARIABLE.invokeKeys} sensitive: then nobody can read the keys back that calls of the function are signed with. Turn the policy off (team settings, Security & Privacy, at Vercel), or deploy to a team without it (providerOptions.vercel.team).`,
  );
}

async function changeKeys(
  vercel: VercelClients,
  projectId: string,
  { keyId, appliedKeyId }: Wish,
  present: Variable,
  call: CallContext,
): Promise<void> {
  const value = (await readValue(vercel, projectId, present.id, call)) ?? '';
  const next = keysWith(value, keyId, appliedKeyId);
  const change = {
    ...(next === value ? {} : { value: next }),
    ...(hasTargets(present, DEPLOYED) ? {} : { target: DEPLOYED }),
  };
  if (Object.keys(change).length > 0) {
    await changeVariable(vercel, projectId, present.id, change, call);
  }
}

/** The key of that name in front; the one that was applied, or else the one before it, stays valid, and others go. */
export function keysWith(text: string, keyId: string, appliedKeyId: string | null = null): string {
  const keys = parseDirectKeys(text);
  const own = keys.find(({ id }) => id === keyId) ?? { id: keyId, secret: randomSecret() };
  const others = keys.filter(({ id }) => id !== keyId);
  const before = others.find(({ id }) => id === appliedKeyId) ?? others[0];
  return formatDirectKeys(before ? [own, before] : [own]);
}

function randomSecret(): string {
  return randomBytes(KEY_BYTES).toString('base64url');
}
