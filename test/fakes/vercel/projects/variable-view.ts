/** Environment variables as the API shows them. */
import { createHash } from 'node:crypto';
import type { SharedVariable, Variable } from './store.ts';

/** Who made it, where nobody asks for more. */
export interface ViewOptions {
  readonly userId: string;
  /** Encrypted values in clear. Sensitive ones never are. */
  readonly decrypt: boolean;
}

export function variableView(variable: Variable, { userId, decrypt }: ViewOptions): object {
  const { id, key, type, targets, gitBranch, comment, createdAt, updatedAt } = variable;
  return {
    type,
    value: shownValue(variable, decrypt),
    target: [...targets],
    configurationId: null,
    ...(comment !== null && { comment }),
    ...(gitBranch !== null && { gitBranch }),
    id,
    key,
    createdAt,
    updatedAt,
    createdBy: userId,
    updatedBy: null,
    decrypted: type === 'plain' || (type === 'encrypted' && decrypt),
  };
}

/** Plain in clear, encrypted as what Vercel keeps, and nothing of a sensitive one. */
function shownValue(
  { id, value, type }: Pick<Variable, 'id' | 'value' | 'type'>,
  decrypt: boolean,
): string {
  if (type === 'sensitive') return '';
  if (type === 'plain' || decrypt) return value;
  return ciphertext(id, value);
}

/** Looks as Vercel's does, and tells nothing. */
function ciphertext(id: string, value: string): string {
  const digest = createHash('sha256').update(id).update(value).digest('base64');
  return Buffer.from(JSON.stringify({ v: 'v2', c: digest })).toString('base64');
}

export function sharedView(
  variable: SharedVariable,
  { teamId, userId, decrypt }: ViewOptions & { readonly teamId: string },
): object {
  const { id, key, type, targets, comment, projectIds, createdAt, updatedAt } = variable;
  return {
    created: new Date(createdAt).toISOString(),
    key,
    ownerId: teamId,
    id,
    createdBy: userId,
    updatedBy: userId,
    createdAt,
    updatedAt,
    value: shownValue(variable, decrypt),
    projectId: [...projectIds],
    type,
    target: [...targets],
    ...(comment !== null && { comment }),
    decrypted: type === 'encrypted' && decrypt,
    securityIssues: [],
  };
}
