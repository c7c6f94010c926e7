/** The identity that the function works with. */
import { read } from '../arm/calls.ts';
import { textAt, textsAt } from '../arm/json.ts';
import { ifThere } from '../errors.ts';
import type { Executor } from '../model.ts';
import { API, isOwnedBy, nameOfId, ownershipTags } from '../names.ts';
import { listAssignments } from '../observe/roles.ts';
import { inputOf } from '../step-input.ts';
import { ensure } from './ensure.ts';
import { refusal, refuseForeign } from './refusals.ts';
import { deleteOwned } from './storage.ts';

export const ensureIdentity: Executor = async (azure, step, call) => {
  const { target, isGiven } = inputOf<{ isGiven: boolean }>(step);
  const { identityId: path, location, ref } = target;
  const apiVersion = API.identity;
  if (isGiven) {
    const found = await read(azure, path, apiVersion, call.signal);
    if (found === undefined) {
      throw refusal(
        target,
        'NOT_FOUND',
        `providerOptions.azure.identity: there is no ${path}. Create it, or leave the option out so that one is made.`,
      );
    }
    return { done: true, output: idsIn(found) };
  }
  const progress = await ensure(
    azure,
    call,
    { path, apiVersion, body: { location, tags: ownershipTags(ref) } },
    {
      stage: 'making the identity',
      recognise: (found) => refuseForeign(target, `identity "${nameOfId(path)}"`, found),
    },
  );
  return progress.done ? { done: true, output: idsIn(progress.body) } : progress.result;
};

function idsIn(body: Parameters<typeof textAt>[0]): { principalId: string; clientId: string } {
  return {
    principalId: textAt(body, 'properties', 'principalId') ?? '',
    clientId: textAt(body, 'properties', 'clientId') ?? '',
  };
}

/** With all that it may do: Azure keeps assignments of those that are gone. */
export const deleteIdentity: Executor = async (azure, step, call) => {
  const { target, identityId } = inputOf<{ identityId: string }>(step);
  const { signal } = call;
  const found = await read(azure, identityId, API.identity, signal);
  if (found === undefined || !isOwnedBy(target.ref, textsAt(found, 'tags'))) return { done: true };
  const { principalId } = idsIn(found);
  const roles = await listAssignments(azure, target.subscriptionId, principalId, signal);
  for (const { id } of roles) {
    await ifThere(azure.arm({ method: 'DELETE', path: id, apiVersion: API.role, signal }));
  }
  return deleteOwned(azure, { target, path: identityId, apiVersion: API.identity }, call);
};
