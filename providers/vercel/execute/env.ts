/** The plain variables of a version, as one encrypted variable of the project. */
import type { CallContext } from 'polyfaas/spi';
import type { VercelClients } from '../clients/index.ts';
import { digestOfEnv, envText } from '../fingerprint.ts';
import { envVariable } from '../manifest.ts';
import type { Executor } from '../model.ts';
import type { FunctionRecord } from '../record.ts';
import type { EnvInput } from '../steps.ts';
import { inputOf } from '../step-input.ts';
import { refusal } from './refusals.ts';
import { tidyVariables } from './room.ts';
import { readValue, type Variable, type Variables } from '../observe/variables.ts';
import {
  changeVariable,
  claimedRecord,
  DEPLOYED,
  hasTargets,
  isTooMuch,
  putVariable,
  variablesOf,
} from './variables.ts';

export const writeEnv: Executor = async (vercel, step, call) => {
  const input = inputOf<EnvInput>(step);
  const { projectId, version, expected } = input;
  const variables = await variablesOf(vercel, projectId, call);
  const record = claimedRecord(variables, expected);
  try {
    await write(vercel, input, variables, call);
  } catch (error) {
    if (!isTooMuch(error)) throw error;
    const left = await makeRoom(vercel, { projectId, version, record }, variables, call);
    await write(vercel, input, left, call).catch((again: unknown) => {
      throw isTooMuch(again) ? tooMuch(again) : again;
    });
  }
  return { done: true };
};

async function write(
  vercel: VercelClients,
  { projectId, version, env, digest }: EnvInput,
  variables: Variables,
  call: CallContext,
): Promise<void> {
  const key = envVariable(version);
  const present = variables.get(key);
  if (env !== null) {
    const value = envText(env);
    const wish = { key, value, type: 'encrypted', target: DEPLOYED } as const;
    await putVariable(vercel, projectId, wish, call, present);
    return;
  }
  if (present === undefined) {
    throw refusal(
      'CONFLICT',
      `The variables of version ${version} are gone: the project has no ${key}. Deploy the function again.`,
    );
  }
  if (digest !== undefined) {
    await assertNoted(vercel, projectId, present, { version, digest }, call);
  }
  if (!hasTargets(present, DEPLOYED)) {
    await changeVariable(vercel, projectId, present.id, { target: DEPLOYED }, call);
  }
}

/** @throws ServerlessError CONFLICT for what a hand has made of it: a deployment would have it for good. */
async function assertNoted(
  vercel: VercelClients,
  projectId: string,
  { id, key, type }: Variable,
  { version, digest }: { readonly version: string; readonly digest: string },
  call: CallContext,
): Promise<void> {
  // Nobody can read it, and nobody knows.
  if (type === 'sensitive') return;
  const text = await readValue(vercel, projectId, id, call);
  if (text !== undefined && digestOfEnv(key, text) === digest) return;
  throw refusal(
    'CONFLICT',
    `Somebody changed ${key}, the environment of version ${version}, in the settings of the project: what was declared is not known here. Deploy the function as that version was declared, with drift: "full", which writes it again.`,
  );
}

/** Deploys that failed have left theirs, and nothing takes them away before one comes to its end. */
async function makeRoom(
  vercel: VercelClients,
  parts: {
    readonly projectId: string;
    readonly version: string;
    readonly record: FunctionRecord;
  },
  variables: Variables,
  call: CallContext,
): Promise<Variables> {
  const { projectId, version, record } = parts;
  const versions = [...record.versions.map((note) => note.version), version];
  const deployed = record.live === null ? [version] : [record.live, version];
  await tidyVariables(vercel, projectId, variables, { versions, deployed }, call);
  return variablesOf(vercel, projectId, call);
}

function tooMuch(cause: unknown): ReturnType<typeof refusal> {
  return refusal(
    'QUOTA_EXCEEDED',
    "env: there is no room for it among the environment variables of the project: all that a deployment is given has 64 KB, in which the version that is live has its own meanwhile, and so have the project's other variables and secrets. Shorten it, or put large values into the code or a store.",
    { cause },
  );
}
