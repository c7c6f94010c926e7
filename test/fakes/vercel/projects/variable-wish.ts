/** Environment variables as they come in bodies, once the vendor's schema has taken them. */
import { badRequest } from '../core/fault.ts';
import { mapOf, textOf } from '../core/json.ts';
import type { VariableType } from './store.ts';

export interface VariableWish {
  readonly key: string;
  readonly value: string;
  readonly type: VariableType;
  readonly targets: readonly string[];
  readonly gitBranch: string | null;
  readonly comment: string | null;
}

export function variableWish(given: unknown): VariableWish {
  const { key, value, type, target, gitBranch, comment } = mapOf(given);
  return {
    key: textOf(key),
    value: textOf(value),
    type: typeOf(type ?? 'encrypted'),
    targets: textsOf(target),
    gitBranch: typeof gitBranch === 'string' ? gitBranch : null,
    comment: typeof comment === 'string' ? comment : null,
  };
}

export function typeOf(type: unknown): VariableType {
  if (type === 'plain' || type === 'encrypted' || type === 'sensitive') return type;
  throw badRequest('Invalid request: variables of the type `system` are not known here.');
}

/** One text, or a list of them. */
export function textsOf(value: unknown): readonly string[] {
  const all: readonly unknown[] = Array.isArray(value) ? value : [value];
  return all.filter((text) => typeof text === 'string');
}
