/** How long the log is kept, where a deploy that changes it is broken off or meets what a hand did. */
import { describe, expect, it } from 'vitest';
import { ServerlessError, type FunctionSpec } from 'polyfaas';
import { hand } from './support/hand.ts';
import { createStage, type Stage } from './support/stage.ts';

const logGroupName = '/aws/lambda/shop-dev-main';
const kept = (answer: string, logRetentionDays: number): FunctionSpec => ({
  source: `export const handler = async () => '${answer}';`,
  providerOptions: { aws: { logRetentionDays } },
});

const managed = (stage: Stage, main: FunctionSpec) => stage.manager({ functions: { main } });

async function logGroup(stage: Stage) {
  const logs = await (await hand(stage)).logs();
  const { logGroups = [] } = await logs.describeLogGroups({ logGroupNamePrefix: logGroupName });
  return logGroups[0];
}

describe.each(['one', 'two'])('a deploy of code "%s" over "one"', (answer) => {
  it('that is broken off at any call is undone by the old configuration', async () => {
    const before = kept('one', 30);
    const after = kept(answer, 7);
    for (let call = 0, isOver = false; !isOver; call += 1) {
      await using stage = await createStage();
      await (await managed(stage, before)).deploy('main');
      const manager = await managed(stage, after);
      stage.fake.faults.arm({ call, kind: 'crash' });
      isOver = await manager.deploy('main').then(
        () => true,
        (error: unknown) => {
          expect(ServerlessError.isInstance(error)).toBe(true);
          return false;
        },
      );
      stage.fake.faults.disarm();
      if (isOver) {
        expect(call).toBeGreaterThan(5);
        expect((await logGroup(stage))?.retentionInDays).toBe(7);
      }
      const back = await managed(stage, before);
      await back.deploy('main');
      expect((await logGroup(stage))?.retentionInDays, `broken off at call ${call}`).toBe(30);
      expect((await back.plan('main', { drift: 'full' })).steps).toStrictEqual([]);
    }
  });
});

it.each([
  [30, 'full'],
  [7, 'full'],
  [7, 'cheap'],
] as const)(
  'a log group that a hand deleted is made for %i days, drift: %s',
  async (days, drift) => {
    await using stage = await createStage();
    await (await managed(stage, kept('one', 30))).deploy('main');
    await (await (await hand(stage)).logs()).deleteLogGroup({ logGroupName });
    // The new version writes its first lines before it gets any traffic: Lambda would make a group that is nobody's.
    const manager = await managed(stage, kept('two', days));
    await manager.deploy('main', { drift });
    expect((await logGroup(stage))?.retentionInDays).toBe(days);
    expect((await manager.plan('main', { drift: 'full' })).steps).toStrictEqual([]);
    await manager.remove('main');
    expect(await logGroup(stage)).toBeUndefined();
  },
);
