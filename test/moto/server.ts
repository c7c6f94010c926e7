/** The emulator moto, as a server of its own: an AWS control plane that others wrote. */
import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

export interface Moto {
  readonly endpoint: string;
  /** Forgets all resources. */
  reset(): Promise<void>;
  stop(): Promise<void>;
}

const START_ATTEMPTS = 300;

/** @param python a Python that has `moto[server]` installed. */
export async function startMoto(python: string): Promise<Moto> {
  const port = await freePort();
  const endpoint = `http://127.0.0.1:${port}`;
  const child = spawn(python, ['-m', 'moto.server', '-H', '127.0.0.1', '-p', String(port)], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = `${said}${text}`.slice(-4000);
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  for (let attempt = 0; !(await answers(endpoint)); attempt += 1) {
    if (attempt > START_ATTEMPTS || child.exitCode !== null) {
      child.kill('SIGKILL');
      throw new Error(`moto did not start:\n${said}`);
    }
    await pause(100);
  }
  // Without Docker it cannot run functions: an invocation then answers with a fixed text.
  await post(`${endpoint}/moto-api/config`, { lambda: { use_docker: false } });
  return {
    endpoint,
    reset: () => post(`${endpoint}/moto-api/reset`, {}),
    async stop() {
      child.kill('SIGTERM');
      const late = setTimeout(() => child.kill('SIGKILL'), 5000);
      await ended;
      clearTimeout(late);
    },
  };
}

async function answers(endpoint: string): Promise<boolean> {
  return fetch(`${endpoint}/moto-api/config`).then(
    ({ ok }) => ok,
    () => false,
  );
}

async function post(url: string, body: object): Promise<void> {
  const { ok, status } = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!ok) throw new Error(`${url} answered ${status}`);
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => {
        if (typeof address === 'object' && address !== null) resolve(address.port);
        else reject(new Error('no port is free'));
      });
    });
  });
}
