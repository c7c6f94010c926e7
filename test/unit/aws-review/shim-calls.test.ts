/** Direct calls: what failed, and whom the call reached. */
import { expect, it } from 'vitest';
import { functionError } from '../../../providers/aws/invoke/function-error.ts';
import { fixtureSource } from '../../../src/contract/fixture.ts';
import { NAME, Platform } from '../aws-shim/platform.ts';

it('a promise that was rejected behind the handler’s back is no failure to start', () => {
  const payload = {
    errorType: 'Runtime.UnhandledPromiseRejection',
    errorMessage: 'Error: nobody waited',
    trace: [],
  };
  const about = { name: 'orders', memoryMb: 256, timeoutSeconds: 5 };
  const error = functionError(payload, about, true);
  expect(error).toMatchObject({ code: 'FUNCTION_FAILED', details: { phase: 'call' } });
  expect(error.message).toContain('nobody waited');
});

it('a call that another process’s deploy answered makes the next one look again', async () => {
  await using platform = await Platform.start(fixtureSource());
  await platform.invoke({ op: 'variant' });
  await platform.invoke({ op: 'variant' });
  expect(platform.observations).toBe(1);
  const lambda = await platform.aws.lambda();
  await lambda.updateFunctionConfiguration({ FunctionName: NAME, MemorySize: 512 });
  await platform.clock.advance(20_000);
  await lambda.publishVersion({ FunctionName: NAME });
  await platform.clock.advance(20_000);
  await lambda.updateAlias({ FunctionName: NAME, Name: 'live', FunctionVersion: '2' });
  expect((await platform.invoke({ op: 'variant' })).version).toBe('2');
  await platform.invoke({ op: 'variant' });
  expect(platform.observations).toBe(2);
  // A version that was asked for by its number tells nothing of what is live.
  await platform.invoke({ op: 'variant' }, { version: '1' });
});
