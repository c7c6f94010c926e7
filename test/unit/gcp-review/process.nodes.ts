/** The process of an instance: what ends it, and what does not. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SourceManifest } from '../../../providers/gcp/manifest.ts';
import { packagingProfile } from '../../../providers/gcp/shim/packaging.ts';
import { policy } from '../gcp-shim/instance.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const WATCHDOG = join(ROOT, 'src/http/node/watchdog.ts');

describe.concurrent('the watchdog', () => {
  const run = (code: string): ChildProcess => {
    const source = `import { Watchdog } from ${JSON.stringify(WATCHDOG)}; const dog = new Watchdog(); ${code}`;
    return spawn(process.execPath, ['--input-type=module', '--eval', source], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
  };
  const endOf = async (child: ChildProcess): Promise<unknown> => {
    const [code, signal]: unknown[] = await once(child, 'close');
    return signal ?? code;
  };

  it('leaves an instance alone that was held still with a call left over', async () => {
    const child = run(
      `dog.watch(100); setTimeout(() => process.exit(7), 1500); console.log('on');`,
    );
    const ended = endOf(child);
    await once(child.stdout ?? child, 'data');
    await sleep(200);
    child.kill('SIGSTOP');
    await sleep(3_000);
    child.kill('SIGCONT');
    expect(await ended).toBe(7);
  });

  it('leaves one alone whose handlers never end, as long as it answers', async () => {
    const ended = endOf(run('dog.watch(50); setTimeout(() => process.exit(7), 4000);'));
    expect(await ended).toBe(7);
  });

  it('sees a handler that is overdue, and loops only then', async () => {
    const ended = endOf(run('dog.watch(50); setTimeout(() => { for (;;); }, 1500);'));
    expect(await ended).toBe('SIGKILL');
  });

  it('gives each call the time that it may take, whatever was left over before', async () => {
    const busy = 'const end = Date.now() + 3000; while (Date.now() < end); process.exit(7);';
    const ended = endOf(run(`dog.watch(2000); setTimeout(() => { ${busy} }, 1000);`));
    expect(await ended).toBe(7);
  });
});

describe('an instance under the functions framework', () => {
  let folder = '';
  const manifest: SourceManifest = {
    app: 'shop',
    stage: 'dev',
    functionName: 'main',
    version: 'v1',
    memoryMb: 256,
    timeoutSeconds: 30,
    region: 'europe-west1',
    projectId: 'p',
    handles: ['http'],
    settingsSecret: 'projects/p/secrets/s',
    endpoints: { pubsub: 'http://x', secretmanager: 'http://x', certificates: 'http://x/certs' },
  };
  const route = policy({ type: 'http', methods: ['ANY'], path: '/{rest+}', enabled: true });
  const settings = JSON.stringify({
    keys: '',
    bindings: [route],
    caller: '',
    audience: '',
    isPublic: true,
  });

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'polyfaas-process-'));
    const profile = packagingProfile({ zipBytes: 1, unpackedBytes: 1 });
    const code = `
      import { createEntry } from ${JSON.stringify(profile.shim.modulePath)};
      import { bindHandler } from 'polyfaas/function';
      process.on('SIGTERM', () => console.log('told'));
      const http = async (request) => {
        console.log('begun');
        await new Promise((resolve) => setTimeout(resolve, 700));
        return new Response('done');
      };
      export const { register } = createEntry(bindHandler({ default: { http } }));`;
    const built = await build({
      stdin: { contents: code, resolveDir: ROOT },
      tsconfig: join(ROOT, 'tsconfig.json'),
      bundle: true,
      format: 'esm',
      platform: 'node',
      write: false,
    });
    const files = {
      ...profile.files,
      'polyfaas.json': JSON.stringify(manifest),
      'polyfaas.mjs': built.outputFiles[0]?.text ?? '',
    };
    for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
    await mkdir(join(folder, 'node_modules'));
    await symlink(
      join(ROOT, 'node_modules/@google-cloud'),
      join(folder, 'node_modules/@google-cloud'),
    );
  });

  afterAll(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  async function start(): Promise<{
    readonly url: string;
    readonly child: ChildProcess;
    said(): string;
  }> {
    const probe = createServer().listen(0, '127.0.0.1');
    await once(probe, 'listening');
    const address = probe.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    await new Promise((resolve) => void probe.close(resolve));
    const framework = join(
      ROOT,
      'node_modules/@google-cloud/functions-framework/build/src/main.js',
    );
    const child = spawn(process.execPath, [framework, '--target=polyfaas', `--port=${port}`], {
      cwd: folder,
      env: { POLYFAAS_SETTINGS: settings, PATH: process.env['PATH'] },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let text = '';
    child.stdout?.on('data', (bytes: Buffer) => (text += bytes.toString()));
    while (!text.includes('URL:')) await sleep(20);
    return { url: `http://127.0.0.1:${port}`, child, said: () => text };
  }

  it('answers what is under way before it ends, and ends at once without anything', async () => {
    const { url, child, said } = await start();
    const ended = once(child, 'close');
    const reply = fetch(`${url}/slow`);
    while (!said().includes('begun')) await sleep(10);
    child.kill('SIGTERM');
    expect(await (await reply).text()).toBe('done');
    expect(await ended).toEqual([0, null]);
    // The function's own listeners stay.
    expect(said()).toContain('told');

    const idle = await start();
    const over = once(idle.child, 'close');
    idle.child.kill('SIGTERM');
    expect(await over).toEqual([0, null]);
  });

  it('keeps connections open that Google holds', async () => {
    const { url, child } = await start();
    const reply = await fetch(`${url}/x`);
    await reply.text();
    expect(reply.headers.get('keep-alive')).toBeNull();
    expect(reply.headers.get('connection')).toBe('keep-alive');
    const over = once(child, 'close');
    child.kill('SIGTERM');
    await over;
  });
});
