/** Processes of instances are started by a process of their own: nothing of it outlives the tests, and nothing is lost. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { type Exit, processStarter } from '../../fakes/shared/runtime/process-starter.ts';

const MODULE = fileURLToPath(
  new URL('../../fakes/shared/runtime/process-starter.ts', import.meta.url),
);

interface Run {
  readonly text: string;
  readonly exit: Exit;
}

/** Runs a program to its end. */
function run(code: string, during?: (id: number, text: string) => void): Promise<Run> {
  return new Promise((resolve) => {
    let text = '';
    const starter = processStarter();
    const id = starter.start(
      { arguments: ['-e', code], env: { GREETING: 'hello' } },
      {
        started: () => {},
        bytes: (from, bytes) => {
          text += `${from}: ${bytes.toString()}`;
          during?.(id, text);
        },
        exit: (exit) => resolve({ text, exit }),
      },
    );
    starter.keep(id);
  });
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

it('tells what a process says, all of it, before how it ended', async () => {
  const { text, exit } = await run(
    `process.stdout.write(process.env.GREETING + 'x'.repeat(300_000)); process.exitCode = 7;`,
  );
  expect(text.replaceAll('stdout: ', '')).toBe(`hello${'x'.repeat(300_000)}`);
  expect(exit).toEqual({ code: 7, signal: null });
});

it('hands on what is written, and kills', async () => {
  const echo = `process.on('SIGTERM', () => {}); setInterval(() => {}, 1000);
    const socket = new (require('node:net').Socket)({ fd: 3 });
    socket.on('data', (bytes) => require('node:fs').writeSync(4, bytes)); console.log('ready');`;
  const { text, exit } = await run(echo, (id, said) => {
    if (said.endsWith('ready\n')) processStarter().write(id, 'ping');
    if (said.endsWith('ping')) processStarter().kill(id);
  });
  expect(text).toBe('stdout: ready\nmessage: ping');
  expect(exit).toEqual({ code: null, signal: 'SIGKILL' });
});

it('has told all that was printed before an answer that came another way, once it is asked', async () => {
  const server = `require('node:net').createServer((socket) => socket.on('data', () => {
    const { writeSync } = require('node:fs');
    writeSync(1, 'a'.repeat(60_000)); writeSync(2, 'b'.repeat(60_000)); socket.end('printed');
  })).listen(0, '127.0.0.1', function () { require('node:fs').writeSync(4, String(this.address().port)); });`;
  const heard = { stdout: 0, stderr: 0 };
  const port = Promise.withResolvers<number>();
  const starter = processStarter();
  const id = starter.start(
    { arguments: ['-e', server], env: {} },
    {
      started: () => {},
      bytes: (from, bytes) => {
        if (from === 'message') port.resolve(Number(String(bytes)));
        else heard[from] += bytes.length;
      },
      exit: () => {},
    },
  );
  const address = { port: await port.promise, host: '127.0.0.1' };
  for (let call = 1; call <= 30; call += 1) {
    const socket = connect(address, () => socket.write('go'));
    await once(socket.resume(), 'end');
    await starter.drained();
    expect(heard).toMatchObject({ stdout: call * 60_000, stderr: call * 60_000 });
  }
  starter.kill(id);
});

it('gives processes their own variables, and none of those of the tests', async () => {
  const { text } = await run(`console.log(Object.keys(process.env).join())`);
  expect(text).toBe('stdout: GREETING\n');
});

it('tells of the end of all of them when it is gone itself, and another takes its place', async () => {
  const waits = `const socket = new (require('node:net').Socket)({ fd: 3 });
    socket.on('end', () => process.exit()).resume(); console.log(process.ppid);`;
  const { text, exit } = await run(waits, (_, said) => {
    if (said.endsWith('\n')) process.kill(Number(said.replace('stdout: ', '')), 'SIGKILL');
  });
  expect(exit).toEqual({ code: null, signal: 'SIGKILL' });
  const next = await run('console.log(process.ppid)');
  expect(next.text).toMatch(/^stdout: \d+\n$/);
  expect(next.text).not.toBe(text);
});

it('leaves none of them behind when the tests are killed, not even one that loops', async () => {
  const program = `import { processStarter } from ${JSON.stringify(MODULE)};
    const starter = processStarter();
    const listener = { started: (pid) => console.log(pid), bytes() {}, exit() {} };
    starter.keep(starter.start({ arguments: ['-e', 'for (;;);'], env: {} }, listener));`;
  const tests = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line]: unknown[] = await once(tests.stdout, 'data');
  const pid = Number(String(line));
  expect(isAlive(pid)).toBe(true);
  tests.kill('SIGKILL');
  await once(tests, 'exit');
  await expect.poll(() => isAlive(pid), { timeout: 10_000 }).toBe(false);
});
