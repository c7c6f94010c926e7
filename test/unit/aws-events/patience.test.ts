import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { queue } from './bindings.ts';
import { EventWorld } from './world.ts';

let world: EventWorld;
beforeAll(async () => {
  world = await EventWorld.start();
});
afterAll(() => world.stop());

describe('what passes by itself', () => {
  it('is waited for: a permission of the role that is not known yet', async () => {
    const wished = queue('q');
    const fn = await world.function('late');
    const granted = world.clock.after(20_000, () => {
      void world.observer.iam().then((iam) =>
        iam.putRolePolicy({
          RoleName: 'shop-dev-late',
          PolicyName: 'events',
          PolicyDocument: JSON.stringify({
            Version: '2012-10-17',
            Statement: [{ Effect: 'Allow', Action: ['sqs:*'], Resource: ['*'] }],
          }),
        }),
      );
    });
    await fn.bind([wished]);
    granted();
    const lambda = await world.observer.lambda();
    const found = await lambda.listEventSourceMappings({ FunctionName: fn.alias });
    expect(found.EventSourceMappings).toMatchObject([{ State: 'Enabled' }]);
    await fn.remove();
  });

  it('is told as it is when it does not pass', async () => {
    const fn = await world.function('never');
    const began = world.clock.now();
    await expect(fn.bind([queue('q', { queue: 'other' })])).rejects.toMatchObject({
      name: 'InvalidParameterValueException',
      message: expect.stringContaining('permissions'),
    });
    expect(world.clock.now() - began).toBeLessThan(300_000);
  });
});
