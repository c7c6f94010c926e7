import { expect, it } from 'vitest';
import { runProgram } from '../../support/program.ts';

const FILE = new URL('../../fakes/shared/runtime/platform-time.cjs', import.meta.url).href;

it('what an instance was told of the time does not go back by a message that a request overtook', async () => {
  const { stdout, stderr } = await runProgram(`
    import time from ${JSON.stringify(FILE)};
    const start = Date.now();
    const setTime = time.livePlatformTime(true);
    const aheadAfter = (hours) => {
      setTime(start + hours * 3_600_000);
      return Math.floor((Date.now() - start) / 3_600_000);
    };
    console.log(JSON.stringify([aheadAfter(1), aheadAfter(3), aheadAfter(2), aheadAfter(4)]));
  `);
  expect({ stdout, stderr }).toStrictEqual({ stdout: '[1,3,3,4]\n', stderr: '' });
});
