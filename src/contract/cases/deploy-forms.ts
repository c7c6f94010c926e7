import assert from 'node:assert/strict';
import type { FunctionSpec } from '../../spec/types.ts';
import { casesOf, type ContractCase } from '../case.ts';
import type { ContractContext } from '../context.ts';

const deploy = casesOf('deploy');

/** The subject's sample answers an invocation with its input. */
async function echoes(t: ContractContext, sample: FunctionSpec | undefined): Promise<void> {
  assert.ok(sample, 'the subject has a sample of this form');
  const manager = await t.manager({ main: sample });
  await manager.deploy('main');
  assert.deepEqual(await t.call(manager, { any: 'input' }), { any: 'input' });
  assert.equal((await t.withoutWrites(() => manager.deploy('main'))).changed, false);
}

/** Code that comes in another form than a bundle. */
export const DEPLOY_FORM_CASES: readonly ContractCase[] = [
  deploy('prebuilt', 'A zip that is ready is deployed and answers', ['deploy.prebuilt'], (t) =>
    echoes(t, t.subject.samples?.prebuilt),
  ),
  deploy('image', 'A container image is deployed and answers', ['deploy.image'], (t) =>
    echoes(t, t.subject.samples?.image),
  ),
  deploy(
    'foreign-runtime',
    'A function in another language is deployed and answers',
    ['deploy.foreignRuntime'],
    (t) => echoes(t, t.subject.samples?.foreignRuntime),
  ),
  deploy(
    'architecture',
    'A function is deployed on the processor that it asks for',
    ['deploy.architecture'],
    (t) => echoes(t, t.subject.samples?.architecture),
  ),
  deploy('prebuilt-missing', 'A zip that is not there is named', ['deploy.prebuilt'], async (t) => {
    const manager = await t.manager({ main: { artifact: './no-such-function.zip' } });
    await t.withoutWrites(() =>
      t.refused(() => manager.deploy('main'), {
        code: ['INVALID_ARGUMENT', 'NOT_FOUND'],
        says: ['no-such-function.zip'],
      }),
    );
  }),
];
