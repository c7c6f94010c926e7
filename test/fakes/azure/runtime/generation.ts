/** What a host knows once it has started: its configuration, and the functions that the package registers. */
import type { HostSetup, RegisteredFunction } from '../core/ports.ts';
import { checkFunctions } from './check-functions.ts';
import type { HostConfig } from './host-config.ts';
import { routesOf, type Route } from './routes.ts';

export interface Generation {
  readonly state: 'Running' | 'Error';
  readonly errors: readonly string[];
  readonly functions: readonly RegisteredFunction[];
  readonly routes: readonly Route[];
  /** When it was found, on the clock. */
  readonly at: number;
}

export function failedGeneration(errors: readonly string[], at: number): Generation {
  return { state: 'Error', errors, functions: [], routes: [], at };
}

/** Functions that are wrong are left out; the host runs all the same, and says so. */
export function generationOf(
  registered: readonly RegisteredFunction[],
  setup: HostSetup,
  { routePrefix, hasExtensionBundle }: HostConfig,
  at: number,
): Generation {
  const { settings } = setup;
  const { functions, errors } = checkFunctions(registered, {
    settings,
    routePrefix,
    hasExtensionBundle,
  });
  return { state: 'Running', errors, functions, routes: routesOf(functions, routePrefix), at };
}
