/** Where outcomes of asynchronous invocations go. */
import type { AsyncPolicy } from './provider.ts';

/** One of them, with its field below `async`. */
export interface DeclaredDestination {
  readonly field: 'onSuccess' | 'onFailure';
  readonly type: NonNullable<AsyncPolicy['onSuccess']>['type'];
  readonly name: string;
}

/** Those that are declared, `onSuccess` first. */
export function asyncDestinations({
  onSuccess,
  onFailure,
}: Pick<AsyncPolicy, 'onSuccess' | 'onFailure'>): readonly DeclaredDestination[] {
  return [
    ...(onSuccess ? [{ ...onSuccess, field: 'onSuccess' as const }] : []),
    ...(onFailure ? [{ ...onFailure, field: 'onFailure' as const }] : []),
  ];
}
