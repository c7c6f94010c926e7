import { describe, expect, it } from 'vitest';
import { runProgram } from '../../support/program.ts';

const MODULE = new URL('../../../src/http/node/ended-calls.ts', import.meta.url).href;

/** How a process ends that runs this, and what it prints; `call(id, handler, deadline)` is a call of the runtime. */
async function run(code: string): Promise<readonly string[]> {
  const source = `import { tellingOfEnds } from ${JSON.stringify(MODULE)};
    const tell = (id, message) => process.stdout.write(id + ': ' + message + '\\n');
    const call = (requestId, handler, deadline = Date.now() + 60_000) =>
      tellingOfEnds({ cold: false, instanceId: 'i', call: handler }, tell)
        .call({}, { requestId, deadline });
    const forEver = () => new Promise((resolve) => setTimeout(resolve, 60_000));
    ${code}`;
  const { code: ended, stdout } = await runProgram(source);
  return [`code ${ended}`, ...stdout.split('\n').filter((line) => line !== '')];
}

describe('tellingOfEnds', () => {
  it('tells of each call that is on when the process ends', async () => {
    const lines = await run(
      `void call('one', forEver); void call('two', forEver); process.exit(3);`,
    );
    expect(lines).toEqual([
      'code 3',
      expect.stringMatching(/^one: .*code 3/),
      expect.stringMatching(/^two: .*code 3/),
    ]);
  });

  it('tells of a call whose code threw where nobody caught it', async () => {
    const lines = await run(
      `void call('one', forEver); setTimeout(() => { throw new Error('lost'); });`,
    );
    expect(lines).toEqual(['code 1', expect.stringMatching(/^one: .*code 1/)]);
  });

  it('says nothing of calls that ended, or whose time was up', async () => {
    const lines = await run(
      `await call('done', async () => 1); await call('thrown', async () => { throw 1; }).catch(() => {});
       void call('overdue', forEver, Date.now() - 1_000); process.exit(3);`,
    );
    expect(lines).toEqual(['code 3']);
  });
});
