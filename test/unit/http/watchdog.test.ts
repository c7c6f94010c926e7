import { describe, expect, it } from 'vitest';
import { type Ended, runProgram } from '../../support/program.ts';

const MODULE = new URL('../../../src/http/node/watchdog.ts', import.meta.url).href;

/** How a process ends that runs this. */
const run = (code: string): Promise<Ended> =>
  runProgram(
    `import { Watchdog } from ${JSON.stringify(MODULE)}; const dog = new Watchdog((message, requestId) => JSON.stringify({ message, requestId })); ${code}`,
  );

describe('Watchdog', () => {
  it('ends a process that loops for ever, and says so', async () => {
    const { signal, stderr } = await run('dog.watch(100); for (;;);');
    expect(signal).toBe('SIGKILL');
    expect(JSON.parse(stderr)).toMatchObject({ message: expect.stringContaining('busy') });
  });

  it('names the calls that are on, and not those that ended or were overdue before', async () => {
    const { stderr } = await run(
      `dog.watch(100, 'ended')();
       dog.watch(1, 'overdue');
       setTimeout(() => { dog.watch(60_000, 'one "quoted"'); dog.watch(60_000, 'zw\u00f6'); for (;;); }, 2500);`,
    );
    const lines = stderr
      .trim()
      .split('\n')
      .map((line): unknown => JSON.parse(line));
    expect(lines).toEqual([
      { message: expect.stringContaining('busy'), requestId: 'one "quoted"' },
      { message: expect.stringContaining('busy'), requestId: 'zw\u00f6' },
    ]);
  });

  it('leaves a process alone whose calls end, and does not keep it from ending', async () => {
    const { signal, stderr } = await run(
      `for (let i = 0; i < 3; i += 1) dog.watch(1)();
       const done = dog.watch(50);
       setTimeout(done, 20);`,
    );
    expect([signal, stderr]).toEqual([null, '']);
  });

  it('watches over the call that ends first, and over the others after it', async () => {
    const { signal } = await run(
      'dog.watch(60_000); const first = dog.watch(100); first(); dog.watch(200); for (;;);',
    );
    expect(signal).toBe('SIGKILL');
  });
});
