/** Writes environment variables of a project. */
import { type JsonValue, listAt, objectAt, textAt } from 'polyfaas/spi';
import { VercelApiError } from '../clients/error.ts';
import type { VercelClients } from '../clients/index.ts';
import { ifThere } from '../errors.ts';
import type { Asking } from '../model.ts';
import {
  listVariables,
  readValue,
  type Variable,
  variablePath,
  type Variables,
} from '../observe/variables.ts';
import type { FunctionRecord } from '../record.ts';
import { conflict, overtaken } from './refusals.ts';

/** Those that deployments of a project are made with. */
export const DEPLOYED: readonly string[] = ['production', 'preview'];
/** That of none of them. */
export const KEPT_ONLY: readonly string[] = ['development'];

export interface NewVariable {
  readonly key: string;
  readonly value: string;
  readonly type: 'plain' | 'encrypted' | 'sensitive';
  readonly target: readonly string[];
}

/** @throws ServerlessError CONFLICT when the project is gone. */
export async function variablesOf(
  vercel: VercelClients,
  projectId: string,
  call: Asking,
): Promise<Variables> {
  const found = await listVariables(vercel, projectId, call);
  if (found === undefined) throw conflict('its project is gone');
  return found;
}

/**
 * @returns the record, which somebody who works here still claims.
 * @throws ServerlessError CONFLICT when another operation has claimed the record since.
 */
export function claimedRecord(variables: Variables, next: string): FunctionRecord {
  const record = variables.kept?.record;
  if (record === undefined) throw conflict('its record is gone');
  if (record.next !== next) throw overtaken();
  return record;
}

/**
 * @returns `taken` when there is one of that key; `sensitive` when it was made, and a policy of the team made it such.
 * @throws `VercelApiError` for any other refusal.
 */
export async function createVariable(
  vercel: VercelClients,
  projectId: string,
  variable: NewVariable,
  { signal }: Asking,
): Promise<'made' | 'sensitive' | 'taken'> {
  const path = `/v10/projects/${encodeURIComponent(projectId)}/env`;
  try {
    const reply = await vercel.rest({ method: 'POST', path, body: variable, signal });
    // What was refused may also stand beside what was made.
    throwFailed(reply, 'POST /v10/projects/{id}/env');
    const isHeld =
      variable.type !== 'sensitive' && textAt(reply, 'created', 'type') === 'sensitive';
    return isHeld ? 'sensitive' : 'made';
  } catch (error) {
    if (isTaken(error)) return 'taken';
    throw error;
  }
}

/** Answers that say yes tell refusals of single items in a list. */
export function throwFailed(reply: JsonValue, name: string): void {
  const [failed] = listAt(reply, 'failed');
  if (failed === undefined) return;
  const error = objectAt(failed, 'error');
  throw new VercelApiError(400, {
    code: textAt(error, 'code') ?? '',
    message: textAt(error, 'message') ?? 'The environment variable was refused.',
    call: name,
  });
}

/** The same words at more than one status: 400, 403 and 409 were seen. */
export function isTaken(error: unknown): boolean {
  if (!(error instanceof VercelApiError)) return false;
  if (error.status >= 500 || error.status === 429) return false;
  return (
    /^env_(?:conflict|already_exists)$/i.test(error.code) || /already exists/i.test(error.message)
  );
}

/** An environment has 64 KB ("Environment variables", limits). The refusal has no code of its own. */
export function isTooMuch(error: unknown): boolean {
  return (
    error instanceof VercelApiError &&
    error.status === 400 &&
    /total size of .*environment variables/i.test(error.message)
  );
}

/** Changes some of it. */
export async function changeVariable(
  vercel: VercelClients,
  projectId: string,
  id: string,
  change: Partial<Pick<NewVariable, 'value' | 'target'>>,
  { signal }: Asking,
): Promise<void> {
  const path = variablePath('v9', projectId, id);
  await vercel.rest({ method: 'PATCH', path, body: change, signal });
}

/** One that is gone already is as good. */
export async function deleteVariable(
  vercel: VercelClients,
  projectId: string,
  id: string,
  { signal }: Asking,
): Promise<void> {
  const path = variablePath('v9', projectId, id);
  await ifThere(vercel.rest({ method: 'DELETE', path, signal }));
}

/** Adds it, or makes it so. Writes nothing when it is so. */
export async function putVariable(
  vercel: VercelClients,
  projectId: string,
  wish: NewVariable,
  call: Asking,
  present: Variable | undefined,
): Promise<void> {
  let found = present;
  if (found === undefined) {
    if ((await createVariable(vercel, projectId, wish, call)) !== 'taken') return;
    // Somebody was faster, or the answer of an earlier attempt was lost.
    found = (await variablesOf(vercel, projectId, call)).get(wish.key);
    if (found === undefined) throw conflict(`its variable ${wish.key} is gone`);
  }
  const value =
    wish.type === 'plain' ? found.value : await readValue(vercel, projectId, found.id, call);
  const change: { value?: string; target?: readonly string[] } = {};
  if (value !== wish.value) change.value = wish.value;
  if (!hasTargets(found, wish.target)) change.target = wish.target;
  if (Object.keys(change).length === 0) return;
  await changeVariable(vercel, projectId, found.id, change, call);
}

export function hasTargets({ targets }: Variable, wanted: readonly string[]): boolean {
  return targets.length === wanted.length && wanted.every((one) => targets.includes(one));
}
