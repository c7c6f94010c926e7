import { expect } from 'vitest';
import type { FunctionSpec } from 'polyfaas';
import type { Refusals, RefusingStage } from '../refusals.ts';
import { assertNothingLeft } from './nothing-left.ts';
import { BROKEN, handler, HANDLES } from './sources.ts';

interface WatchedStage extends RefusingStage {
  during(work: () => Promise<unknown>): Promise<readonly string[]>;
}

/**
 * After a deploy that failed, the version before is declared again.
 *
 * @param isAnew whether a call makes a version anew, for none may
 */
export async function assertBackAgain(
  stage: WatchedStage,
  { assertRefusal }: Pick<Refusals<unknown>, 'assertRefusal'>,
  isAnew: (call: string) => boolean,
): Promise<void> {
  const app = 'bad-and-back';
  const of = (spec: FunctionSpec) => stage.manager({ app, functions: { main: spec } });
  const good: FunctionSpec = { source: handler('a'), env: { PLACE: 'a' } };
  await (await of(good)).deploy('main');
  const bad = await of({ source: BROKEN.throws, handles: HANDLES, env: { NEW: 'yes' } });
  await assertRefusal({ code: 'FUNCTION_FAILED', says: [/no database/] }, () => bad.deploy('main'));
  const back = await of(good);
  const calls = await stage.during(() => back.deploy('main'));
  expect(calls.filter(isAnew)).toEqual([]);
  expect((await back.deploy('main')).changed).toBe(false);
  expect((await back.plan('main', { drift: 'full' })).steps).toEqual([]);
  expect((await back.invoke('main')).output).toMatchObject({ said: 'a' });
  await back.remove('main');
  assertNothingLeft(stage, app);
}
