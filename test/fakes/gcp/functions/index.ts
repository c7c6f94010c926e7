/** Cloud Run functions, through the API of Cloud Functions v2. */
import type { ApiService, World } from '../core/ports.ts';
import { createFunctionsApi } from './api.ts';
import { FunctionChanges } from './changes.ts';
import { FunctionStore } from './store.ts';

export function createFunctions(world: World): { readonly services: readonly ApiService[] } {
  const store = new FunctionStore();
  const changes = new FunctionChanges(world, store);
  return { services: [createFunctionsApi({ world, store, changes })] };
}
