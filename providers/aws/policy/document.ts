/** Policies as IAM takes them. */
import { canonicalJson } from 'polyfaas/spi';
import type { Statement } from '../model.ts';

/** IAM quotas: all inline policies of a role together have at most 10,240 characters without white space. */
export const INLINE_POLICY_LENGTH = 10_240;

/** The JSON text of a policy; equal statements in any order give equal text. */
export function policyDocument(statements: readonly Statement[]): string {
  const sorted = merged(statements);
  return JSON.stringify({ Version: '2012-10-17', Statement: sorted });
}

/** The statements of a policy's text; empty for what is none. */
export function statementsOf(document: string | undefined): readonly Statement[] {
  if (document === undefined) return [];
  try {
    // IAM answers with the text percent-encoded (API reference, `GetRolePolicy`).
    const text = document.startsWith('%') ? decodeURIComponent(document) : document;
    const value: unknown = JSON.parse(text);
    const list =
      typeof value === 'object' && value !== null && 'Statement' in value ? value.Statement : [];
    return Array.isArray(list) ? list.filter(isStatement) : [];
  } catch {
    return [];
  }
}

/**
 * One statement for each set of actions, sorted. Names of statements are dropped: IAM wants them to be unique, and two
 * states of one policy use the same.
 */
export function merged(...lists: readonly (readonly Statement[])[]): readonly Statement[] {
  const groups = new Map<
    string,
    { readonly statement: Statement; readonly resources: Set<string> }
  >();
  for (const { Effect, Action, Resource, Condition } of lists.flat()) {
    const statement: Statement = {
      Effect,
      Action: Action.toSorted(),
      Resource: [],
      ...(Condition === undefined ? {} : { Condition }),
    };
    const key = canonicalJson(statement);
    const group = groups.get(key) ?? { statement, resources: new Set() };
    groups.set(key, group);
    for (const resource of Resource) group.resources.add(resource);
  }
  return [...groups]
    .toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([, { statement, resources }]) => ({ ...statement, Resource: [...resources].toSorted() }));
}

/** True when both allow the same, in the same words. */
export function samePolicy(a: readonly Statement[], b: readonly Statement[]): boolean {
  return canonicalJson(merged(a)) === canonicalJson(merged(b));
}

/** True when every statement of `inner` is in `outer` too. */
export function covers(outer: readonly Statement[], inner: readonly Statement[]): boolean {
  return samePolicy(merged(outer, inner), outer);
}

// Only statements of the form that this adapter writes; what a hand added in another form is replaced.
function isStatement(value: unknown): value is Statement {
  return (
    typeof value === 'object' &&
    value !== null &&
    'Effect' in value &&
    value.Effect === 'Allow' &&
    'Action' in value &&
    Array.isArray(value.Action) &&
    'Resource' in value &&
    Array.isArray(value.Resource)
  );
}
