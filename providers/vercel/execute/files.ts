/** Notes what a version's code consists of. Vercel keeps the bytes of all files that were deployed. */
import { keptFiles } from '../build-output/files.ts';
import { VARIABLE } from '../manifest.ts';
import type { Executor } from '../model.ts';
import { encodeFiles, filesVariable, MOST_FILES_CHARACTERS } from '../record-text.ts';
import type { FilesInput } from '../steps.ts';
import { inputOf } from '../step-input.ts';
import { deleteVariable, isTooMuch, KEPT_ONLY, putVariable, variablesOf } from './variables.ts';

export const keepFiles: Executor = async (vercel, step, call) => {
  const { projectId, version, artifactDigest } = inputOf<FilesInput>(step);
  const artifact = await call.artifacts.get(artifactDigest);
  const value = encodeFiles(keptFiles(await artifact.files()));
  // Too many to be noted: then only a deploy, which has them, changes its events.
  if (value === undefined) return { done: true };
  const key = filesVariable(version);
  const variables = await variablesOf(vercel, projectId, call);
  const present = variables.get(key);
  // Those of the newest version are needed first: older ones make room, the longest first.
  const others = variables.all
    .filter((one) => one.key.startsWith(VARIABLE.files) && one.key !== key)
    .map(({ id, value: text = '' }) => ({ id, length: text.length }))
    .toSorted((a, b) => b.length - a.length);
  let total = others.reduce((sum, { length }) => sum + length, value.length);
  for (const { id, length } of others) {
    if (total <= MOST_FILES_CHARACTERS) break;
    await deleteVariable(vercel, projectId, id, call);
    total -= length;
  }
  const wish = { key, value, type: 'plain', target: KEPT_ONLY } as const;
  try {
    await putVariable(vercel, projectId, wish, call, present);
  } catch (error) {
    // Others' variables leave no room for it.
    if (!isTooMuch(error)) throw error;
  }
  return { done: true };
};
