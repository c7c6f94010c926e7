/** What a first deploy leaves whose package does not load. */
import { expect } from 'vitest';
import type { FunctionSpec } from 'polyfaas';
import type { Refusal, Refusals, RefusingStage } from '../refusals.ts';
import { assertNothingLeft } from './nothing-left.ts';
import { BROKEN, handler, HANDLES } from './sources.ts';

type Asserts = Pick<Refusals<unknown>, 'assertRefusal'>;

const EARLY: FunctionSpec = { source: BROKEN.tooEarly, handles: HANDLES, env: { NEW: 'yes' } };

/** Nothing serves; repaired, it does. */
export async function assertFirstRepaired(
  stage: RefusingStage,
  { assertRefusal }: Asserts,
  refusal: Refusal,
): Promise<void> {
  const app = 'bad-first';
  const bad = await stage.manager({ app, functions: { main: EARLY } });
  await assertRefusal(refusal, () => bad.deploy('main'));
  await assertRefusal({ code: 'NOT_FOUND', says: [/main/] }, () => bad.invoke('main'));
  const good = await stage.manager({ app, functions: { main: { source: handler('a') } } });
  await good.deploy('main');
  expect((await good.invoke('main')).output).toMatchObject({ said: 'a' });
  await good.remove('main');
  assertNothingLeft(stage, app);
}

/** What is there of it can be removed. */
export async function assertFirstRemoved(
  stage: RefusingStage,
  { assertRefusal }: Asserts,
  refusal: Refusal,
): Promise<void> {
  const app = 'bad-and-gone';
  const bad = await stage.manager({ app, functions: { main: EARLY } });
  await assertRefusal(refusal, () => bad.deploy('main'));
  expect(await bad.remove('main')).toEqual({ removed: true, warnings: [] });
  assertNothingLeft(stage, app);
}
