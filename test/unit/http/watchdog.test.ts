import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';

const MODULE = new URL('../../../src/http/node/watchdog.ts', import.meta.url).href;

/** How a process ends that runs this. */
async function run(
  code: string,
): Promise<{ readonly signal: string | null; readonly said: string }> {
  const source = `import { Watchdog } from ${JSON.stringify(MODULE)}; const dog = new Watchdog((message, requestId) => JSON.stringify({ message, requestId })); ${code}`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', source], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (bytes: Buffer) => (said += bytes.toString()));
  const [, signal]: unknown[] = await once(child, 'close');
  return { signal: typeof signal === 'string' ? signal : null, said };
}

describe('Watchdog', () => {
  it('ends a process that loops for ever, and says so', async () => {
    const { signal, said } = await run('dog.watch(100); for (;;);');
    expect(signal).toBe('SIGKILL');
    expect(JSON.parse(said)).toMatchObject({ message: expect.stringContaining('busy') });
  });

  it('names the calls that are on, and not those that ended or were overdue before', async () => {
    const { said } = await run(
      `dog.watch(100, 'ended')();
       dog.watch(1, 'overdue');
       setTimeout(() => { dog.watch(100, 'one "quoted"'); dog.watch(100, 'zw\u00f6'); for (;;); }, 2500);`,
    );
    const lines = said
      .trim()
      .split('\n')
      .map((line): unknown => JSON.parse(line));
    expect(lines).toEqual([
      { message: expect.stringContaining('busy'), requestId: 'one "quoted"' },
      { message: expect.stringContaining('busy'), requestId: 'zw\u00f6' },
    ]);
  });

  it('leaves a process alone whose calls end, and does not keep it from ending', async () => {
    const { signal, said } = await run(
      `for (let i = 0; i < 3; i += 1) dog.watch(1)();
       const done = dog.watch(50);
       setTimeout(done, 20);`,
    );
    expect([signal, said]).toEqual([null, '']);
  });

  it('watches over the call that ends first, and over the others after it', async () => {
    const { signal } = await run(
      'dog.watch(60_000); const first = dog.watch(100); first(); dog.watch(200); for (;;);',
    );
    expect(signal).toBe('SIGKILL');
  });
});
