/** In programs of their own, whose `console` nobody else has. */
import { describe, expect, it } from 'vitest';
import { runProgram } from '../../support/program.ts';

const MODULE = new URL('../../../src/http/node/call-console.ts', import.meta.url).href;

/** What a program prints; `call(id, handler)` is a call whose log goes to the standard error, as JSON. */
async function run(
  code: string,
): Promise<{ readonly printed: readonly string[]; readonly logged: readonly unknown[] }> {
  const { stdout, stderr } = await runProgram(`
    import { setTimeout as pause } from 'node:timers/promises';
    import { withConsole } from ${JSON.stringify(MODULE)};
    const sink = {
      write: (level, message, fields, { requestId }) =>
        process.stderr.write(JSON.stringify([requestId, level, message]) + '\\n'),
    };
    const call = (requestId, handler) =>
      withConsole({ cold: false, instanceId: 'i', call: async () => handler() }, sink)
        .call({}, { requestId });
    ${code}`);
  const lines = (text: string): readonly string[] => text.split('\n').filter((line) => line !== '');
  return {
    printed: lines(stdout),
    logged: lines(stderr).map((line): unknown => JSON.parse(line)),
  };
}

describe('console within a call', () => {
  it('is in the log of the call, by its level, formatted, each print as one entry', async () => {
    const { printed, logged } = await run(`
      await call('one', () => {
        console.debug('%d of %s', 1, 'two', { three: [4] });
        console.log('in\\ntwo lines');
        console.info();
        console.warn('careful');
        console.error('broken');
        console.assert(false, 'wrong');
      });`);
    expect(logged).toEqual([
      ['one', 'debug', '1 of two { three: [ 4 ] }'],
      ['one', 'info', 'in\ntwo lines'],
      ['one', 'info', ''],
      ['one', 'warn', 'careful'],
      ['one', 'error', 'broken'],
      ['one', 'warn', 'Assertion failed: wrong'],
    ]);
    expect(printed).toEqual([]);
  });

  it('is told apart from that of another that runs beside it, and of what either left for later', async () => {
    const { logged } = await run(`
      const talking = (name) => async () => {
        console.log(name, 'begins');
        setTimeout(() => console.log(name, 'ran on'), 60);
        await pause(20);
        console.log(name, 'ends');
      };
      await Promise.all([call('1', talking('one')), call('2', talking('two'))]);`);
    expect(logged).toEqual([
      ['1', 'info', 'one begins'],
      ['2', 'info', 'two begins'],
      ['1', 'info', 'one ends'],
      ['2', 'info', 'two ends'],
      ['1', 'info', 'one ran on'],
      ['2', 'info', 'two ran on'],
    ]);
  });

  it('stays as it is outside of calls, and where it prints JSON', async () => {
    const { printed, logged } = await run(`
      console.log('before');
      await call('one', () => {
        console.log(JSON.stringify({ severity: 'NOTICE', message: 'structured' }));
        console.log('{ not JSON }');
      });
      console.log('after');`);
    expect(printed).toEqual(['before', '{"severity":"NOTICE","message":"structured"}', 'after']);
    expect(logged).toEqual([['one', 'info', '{ not JSON }']]);
  });
});
