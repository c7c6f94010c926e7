/** The peers that are installed in a folder of one's own, each started as its documentation says. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

export interface Peer {
  readonly name: string;
  call(payload: unknown): Promise<unknown>;
  close(): Promise<void>;
}

type Start = (folder: string) => Promise<Peer>;

const PEERS: Readonly<Record<string, Start>> = {
  'serverless-offline': startServerlessOffline,
  faastjs: startFaast,
  'lambda-local': startLambdaLocal,
};

/** Starts those that are there, and says which are not. */
export async function startPeers(folder: string | undefined): Promise<readonly Peer[]> {
  const peers: Peer[] = [];
  for (const [name, start] of Object.entries(PEERS)) {
    if (!folder || !existsSync(join(folder, 'node_modules', name))) {
      console.log(`(${name} is not measured: it is not in PEERS_DIR)`);
      continue;
    }
    try {
      peers.push(await start(folder));
    } catch (error) {
      console.log(`(${name} did not start: ${String(error)})`);
    }
  }
  return peers;
}

async function startServerlessOffline(folder: string): Promise<Peer> {
  const app = join(folder, 'offline-app');
  mkdirSync(app, { recursive: true });
  writeFileSync(join(app, 'handler.js'), 'exports.echo = async (event) => event;\n');
  writeFileSync(
    join(app, 'serverless.yml'),
    [
      'service: bench',
      "frameworkVersion: '*'",
      'provider: { name: aws, runtime: nodejs20.x }',
      'plugins: [serverless-offline]',
      'custom: { serverless-offline: { httpPort: 4310, lambdaPort: 4312, noPrependStageInUrl: true } }',
      'functions: { echo: { handler: handler.echo } }',
    ].join('\n'),
  );
  const cli = join(folder, 'node_modules', 'osls', 'bin', 'serverless.js');
  const child = spawn(process.execPath, [cli, 'offline', 'start'], {
    cwd: app,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, AWS_ACCESS_KEY_ID: 'none', AWS_SECRET_ACCESS_KEY: 'none' },
  });
  await saidBy(child, /Server ready|listening on/i);
  const agent = new Agent({ keepAlive: true });
  const path = '/2015-03-31/functions/bench-dev-echo/invocations';
  return {
    name: 'serverless-offline, Lambda endpoint',
    call: (payload) => post(agent, 4312, path, payload),
    close: () => {
      agent.destroy();
      return ended(child);
    },
  };
}

async function startFaast(folder: string): Promise<Peer> {
  const module = join(folder, 'faast-echo.mjs');
  writeFileSync(
    module,
    [
      "import { faast } from 'faastjs';",
      "import * as functions from './faast-functions.mjs';",
      "export const start = () => faast('local', functions, { childProcess: true, concurrency: 1, gc: 'off' });",
    ].join('\n'),
  );
  writeFileSync(
    join(folder, 'faast-functions.mjs'),
    'export const FAAST_URL = import.meta.url;\nexport async function echo(value) { return value; }\n',
  );
  const { start }: { start: () => Promise<FaastModule> } = await import(pathToFileURL(module).href);
  const started = await start();
  return {
    name: 'faastjs, local',
    call: (payload) => started.functions.echo(payload),
    close: () => started.cleanup(),
  };
}

interface FaastModule {
  readonly functions: { echo(value: unknown): Promise<unknown> };
  cleanup(): Promise<void>;
}

function startLambdaLocal(folder: string): Promise<Peer> {
  const required: { readonly execute: (options: object) => Promise<unknown> } = createRequire(
    join(folder, 'x.js'),
  )('lambda-local');
  const lambdaFunc = { handler: (event: unknown) => Promise.resolve(event) };
  return Promise.resolve({
    name: 'lambda-local (no isolation)',
    call: (event) => required.execute({ event, lambdaFunc, verboseLevel: 0, timeoutMs: 30_000 }),
    close: () => Promise.resolve(),
  });
}

function post(agent: Agent, port: number, path: string, payload: unknown): Promise<string> {
  const body = JSON.stringify(payload);
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
  return new Promise((resolve, reject) => {
    const sent = request({ host: 'localhost', port, path, method: 'POST', agent, headers });
    sent.on('response', (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (part: string) => (text += part));
      response.on('end', () =>
        response.statusCode === 200
          ? resolve(text)
          : reject(new Error(`${response.statusCode}: ${text.slice(0, 200)}`)),
      );
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

function saidBy(child: ChildProcess, what: RegExp): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = '';
    const listen = (part: Buffer): void => {
      said += part.toString();
      if (what.test(said)) resolve();
    };
    child.stdout?.on('data', listen);
    child.stderr?.on('data', listen);
    child.once('exit', (code) => reject(new Error(`exit ${code}: ${said.slice(-300)}`)));
  });
}

function ended(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.once('exit', () => resolve());
    child.kill('SIGKILL');
  });
}
