/** The plain variables of a version, as one encrypted variable of the project. */
import { canonicalJson } from 'polyfaas/spi';
import { envVariable } from '../manifest.ts';
import type { Executor } from '../model.ts';
import type { EnvInput } from '../steps.ts';
import { inputOf } from '../step-input.ts';
import { refusal } from './refusals.ts';
import { changeVariable, DEPLOYED, hasTargets, putVariable, variablesOf } from './variables.ts';

export const writeEnv: Executor = async (vercel, step, call) => {
  const { projectId, version, env } = inputOf<EnvInput>(step);
  const key = envVariable(version);
  const present = (await variablesOf(vercel, projectId, call)).get(key);
  if (env !== null) {
    const value = canonicalJson(env);
    const wish = { key, value, type: 'encrypted', target: DEPLOYED } as const;
    await putVariable(vercel, projectId, wish, call, present);
    return { done: true };
  }
  if (present === undefined) {
    throw refusal(
      'CONFLICT',
      `The variables of version ${version} are gone: the project has no ${key}. Deploy the function again.`,
    );
  }
  if (!hasTargets(present, DEPLOYED)) {
    await changeVariable(vercel, projectId, present.id, { target: DEPLOYED }, call);
  }
  return { done: true };
};
