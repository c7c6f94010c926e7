/** In programs of their own, whose `console` nobody else has. */
import { describe, expect, it } from 'vitest';
import { runProgram } from '../../support/program.ts';

const MODULE = new URL('../../../src/http/node/call-console.ts', import.meta.url).href;

/** What a program prints, and how it is told on the standard error; `call(id, handler)` is a call, `before` runs first. */
async function run(
  code: string,
  before = '',
): Promise<{ readonly out: readonly unknown[]; readonly err: readonly unknown[] }> {
  const program = await runProgram(`
    import { setTimeout as pause } from 'node:timers/promises';
    import { takeOverCallConsole, withConsole } from ${JSON.stringify(MODULE)};
    takeOverCallConsole();
    ${before}
    const lines = {
      entry: (level, message, fields, { requestId }) => JSON.stringify([requestId, level, message]),
    };
    const call = (requestId, handler, deadline = Date.now() + 60_000) =>
      withConsole({ cold: false, instanceId: 'i', call: async () => handler() }, lines)
        .call({}, { requestId, deadline });
    ${code}`);
  expect(program).toMatchObject({ code: 0, signal: null });
  return { out: told(program.stdout), err: told(program.stderr) };
}

const told = (text: string): readonly unknown[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line): unknown => (/^[[{]"/.test(line) ? JSON.parse(line) : line));

describe('console within a call', () => {
  it('prints entries of the call, with their level, formatted, each print as one', async () => {
    const { out, err } = await run(`
      await call('one', () => {
        console.debug('%d of %s', 1, 'two', { three: [4] });
        console.log('in\\ntwo lines, 100 %d');
        console.info();
        console.group('grouped');
        console.log('in a group');
        console.groupEnd();
        console.groupCollapsed();
        console.warn('careful');
        console.error('broken');
        console.assert(false, 'wrong');
      });`);
    expect(out).toEqual([
      ['one', 'debug', '1 of two { three: [ 4 ] }'],
      ['one', 'info', 'in\ntwo lines, 100 %d'],
      ['one', 'info', ''],
      ['one', 'info', 'grouped'],
      ['one', 'info', 'in a group'],
    ]);
    // Where the platform takes the level from.
    expect(err).toEqual([
      ['one', 'warn', 'careful'],
      ['one', 'error', 'broken'],
      ['one', 'warn', 'Assertion failed: wrong'],
    ]);
  });

  it('is told apart from that of another beside it, and of what either left for later', async () => {
    const { out } = await run(`
      const talking = (name) => async () => {
        console.log(name, 'begins');
        setTimeout(() => console.log(name, 'ran on'), 60);
        await pause(20);
        console.log(name, 'ends');
      };
      await Promise.all([call('1', talking('one')), call('2', talking('two'))]);`);
    expect(out).toEqual([
      ['1', 'info', 'one begins'],
      ['2', 'info', 'two begins'],
      ['1', 'info', 'one ends'],
      ['2', 'info', 'two ends'],
      ['1', 'info', 'one ran on'],
      ['2', 'info', 'two ran on'],
    ]);
  });

  it('stays as it is outside of calls, after their time, and where it prints a line of JSON', async () => {
    const { out } = await run(`
      console.log('before');
      await call('one', () => {
        console.log(JSON.stringify({ severity: 'NOTICE', message: 'structured' }));
      });
      await call('late', () => console.log('overdue'), Date.now() - 1_000);
      console.log('after');`);
    expect(out).toEqual([
      'before',
      { severity: 'NOTICE', message: 'structured' },
      'overdue',
      'after',
    ]);
  });

  it.each([
    '{ not JSON }',
    '{}',
    '[1]',
    JSON.stringify({ many: 'lines' }, null, 2),
    // As somebody may send it to the function.
    '{"polyfaas":"log","level":"error","requestId":"victim","message":"no order"}',
    '{"polyfaas":"call","outcome":"error"}',
  ])('takes for no line of JSON what nobody reads as such: %s', async (text) => {
    const { out } = await run(`await call('one', () => console.log(${JSON.stringify(text)}));`);
    expect(out).toEqual([['one', 'info', text]]);
  });

  it('takes what it is given with others for no line of JSON', async () => {
    const { out } = await run(`await call('one', () => console.log('%s', '{"a":1}'));`);
    expect(out).toEqual([['one', 'info', '{"a":1}']]);
  });

  it('keeps a print of many lines whole, in several entries', async () => {
    const { out } = await run(
      `await call('one', () => console.log(Array(9_000).fill('a line').join('\\n')));`,
    );
    expect(out).toHaveLength(4);
    const texts = out.map((entry) => (Array.isArray(entry) ? String(entry[2]) : ''));
    expect(texts.join('\n')).toBe(Array(9_000).fill('a line').join('\n'));
  });

  it('of a call that is over says nothing of the one that runs now', async () => {
    const { out } = await run(`
      const { promise, resolve } = Promise.withResolvers();
      // A client that an earlier call made, and that calls back.
      const client = new (class extends Set { send = (back) => this.add(back); });
      await call('one', () => {
        console.log('one');
        setTimeout(() => { for (const back of client) back(); resolve(); }, 20);
      });
      await call('two', async () => {
        client.send(() => console.log('for two'));
        await promise;
        console.log('two');
      });`);
    expect(out).toEqual([['one', 'info', 'one'], 'for two', ['two', 'info', 'two']]);
  });

  it('is not indented by a group that somebody else opened', async () => {
    const { out } = await run(
      `await call('one', () => console.log('one'));
       console.log('after');`,
      `console.group('outside');`,
    );
    expect(out).toEqual(['outside', ['one', 'info', 'one'], 'after']);
  });

  it('still reaches what the user’s code put around it, or kept of it, as it was loaded', async () => {
    const { out } = await run(
      `await call('one', () => { console.log('wrapped'); log('kept'); });
       console.log(heard.join());`,
      `const { log } = console;
       const heard = [];
       const within = console.log;
       console.log = function (...said) { heard.push(said.join()); within.apply(this, said); };`,
    );
    expect(out).toEqual([['one', 'info', 'wrapped'], ['one', 'info', 'kept'], 'wrapped']);
  });

  it('does not come back to itself where the standard output tells the console', async () => {
    const { out, err } = await run(
      `await call('one', () => console.log('said'));`,
      `const write = process.stdout.write.bind(process.stdout);
       process.stdout.write = (...given) => { console.error('heard'); return write(...given); };`,
    );
    expect(out).toEqual([['one', 'info', 'said']]);
    expect(err).toEqual([['one', 'error', 'heard']]);
  });
});
