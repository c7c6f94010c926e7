/** Whether a version that is kept still has its variables: they are app settings, which anybody may take away. */
import { readSettings } from '../arm/calls.ts';
import { referenceIn } from '../environment.ts';
import { envSetting } from '../manifest.ts';
import type { Executor } from '../model.ts';
import { inputOf } from '../step-input.ts';
import { refusal } from './refusals.ts';
import { seeReferences } from './secrets.ts';

/** Writes nothing. */
export const checkEnvironment: Executor = async (azure, step, call) => {
  const { target, version, variables } = inputOf<{
    version: string;
    variables: readonly string[];
  }>(step);
  const settings = await readSettings(azure, target.siteId, call.signal);
  const missing = variables.filter((name) => settings[envSetting(version, name)] === undefined);
  if (missing.length > 0) {
    throw refusal(
      target,
      'NOT_FOUND',
      `Version "${version}" of "${target.ref.name}" has lost its variables ${missing.map((name) => `"${name}"`).join(', ')}: the app settings of the function app hold them no more. Deploy that code again, and they are set.`,
    );
  }
  const references = variables.flatMap((variable) => {
    const found = referenceIn(settings[envSetting(version, variable)] ?? '');
    return found ? [{ variable, ...found }] : [];
  });
  // A reference that does not resolve would reach the code as the text of the reference.
  return references.length === 0
    ? { done: true }
    : seeReferences(azure, { target, version, references }, call);
};
