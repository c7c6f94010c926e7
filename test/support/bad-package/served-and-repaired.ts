import { expect } from 'vitest';
import type { FunctionSpec } from 'polyfaas';
import type { ServerlessManager } from 'polyfaas/contract';
import { handler, HANDLES } from './sources.ts';

type ManagerOf = (spec: FunctionSpec) => Promise<ServerlessManager>;

const OLD: FunctionSpec = { source: handler('a'), env: { PLACE: 'a' } };
const SERVED = { said: 'a', place: 'a', left: null };

/**
 * The version before serves as it did, and the same deploy, repaired, goes on; at the end all is removed.
 *
 * @param refused lets the deploy be refused
 */
export async function assertServedAndRepaired(
  of: ManagerOf,
  { source, memoryMb }: { readonly source: string; readonly memoryMb: number },
  refused: (deploy: () => Promise<unknown>) => Promise<unknown>,
): Promise<void> {
  const first = await of(OLD);
  const { version } = await first.deploy('main');
  const env = { PLACE: 'b', NEW: 'yes' };
  const bad = await of({ source, handles: HANDLES, env, memoryMb });
  await refused(() => bad.deploy('main'));

  expect((await first.invoke('main')).output).toEqual(SERVED);
  const other = await of(OLD);
  expect((await other.invoke('main')).output).toEqual(SERVED);
  expect((await other.describe('main'))?.liveVersion).toBe(version);

  const repaired = await of({ source: handler('b'), env, memoryMb });
  await repaired.deploy('main');
  expect((await repaired.invoke('main')).output).toEqual({ said: 'b', place: 'b', left: 'yes' });
  expect((await repaired.deploy('main')).changed).toBe(false);
  expect((await repaired.plan('main', { drift: 'full' })).steps).toEqual([]);
  expect((await repaired.rollback('main')).version).toBe(version);
  expect((await repaired.invoke('main')).output).toEqual(SERVED);
  await repaired.remove('main');
}
