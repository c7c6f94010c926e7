import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  fileReferences,
  generatedFiles,
  keptFiles,
  type OutputFile,
  outputFiles,
} from '../../../providers/vercel/build-output/files.ts';
import { ASYNC, CODE, file, outputInput, policy, queue, topic } from './inputs.ts';

const WISH = outputInput({
  policies: [
    policy('topic-1', topic('users')),
    policy('queue-1', queue('orders')),
    policy('queue-2', queue('off', false)),
  ],
  async: ASYNC,
  crons: [{ path: '/polyfaas/crons/tick', schedule: '*/5 * * * *' }],
});

function json(files: readonly OutputFile[], path: string): unknown {
  const found = files.find((one) => one.path === path);
  return JSON.parse(Buffer.from(found?.bytes ?? []).toString('utf8'));
}

const configOf = (files: readonly OutputFile[], name: string): unknown =>
  json(files, `functions/${name}.func/.vc-config.json`);
const manifestOf = (files: readonly OutputFile[], name: string): unknown =>
  json(files, `functions/${name}.func/polyfaas.json`);

describe('the build output', () => {
  it('has one function for calls, and one for each trigger', () => {
    const functions = new Set(
      outputFiles(CODE, WISH).flatMap(
        ({ path }) => /^functions\/(.+)\.func\//.exec(path)?.[1] ?? [],
      ),
    );
    expect([...functions]).toEqual([
      'polyfaas/async',
      'polyfaas/events/queue-1',
      'polyfaas/events/topic-1',
      'polyfaas/main',
    ]);
  });

  it('sends all that comes from outside to the one for calls, but nothing to those of queues', () => {
    expect(json(generatedFiles(WISH), 'config.json')).toEqual({
      version: 3,
      routes: [
        { src: '^/polyfaas/(?:events/.*|(?:async|main)/?)$', status: 404 },
        { handle: 'filesystem' },
        { src: '/.*', dest: '/polyfaas/main' },
      ],
      crons: [{ path: '/polyfaas/crons/tick', schedule: '*/5 * * * *' }],
    });
    expect(json(generatedFiles(outputInput()), 'config.json')).not.toHaveProperty('crons');
  });

  it('gives each function what the version is configured with', () => {
    const files = generatedFiles(WISH);
    expect(configOf(files, 'polyfaas/main')).toEqual({
      runtime: 'nodejs24.x',
      handler: 'index.mjs',
      launcherType: 'Nodejs',
      shouldAddHelpers: false,
      supportsResponseStreaming: true,
      memory: 512,
      maxDuration: 40,
      regions: ['fra1'],
      maxConcurrency: 10,
    });
    expect(configOf(files, 'polyfaas/events/queue-1')).toMatchObject({
      maxDuration: 40,
      experimentalTriggers: [
        {
          type: 'queue/v2beta',
          topic: 'orders',
          consumer: 'polyfaas_Sevents_Squeue-1',
          retryAfterSeconds: 10,
        },
      ],
    });
    expect(configOf(files, 'polyfaas/async')).toMatchObject({
      experimentalTriggers: [{ topic: 'polyfaas-async', retryAfterSeconds: 1 }],
    });
  });

  it('tells the code inside what its function is there for', () => {
    const files = generatedFiles(WISH);
    expect(manifestOf(files, 'polyfaas/main')).toMatchObject({
      app: 'shop',
      stage: 'dev',
      functionName: 'orders',
      version: '0a1b2c3d4e',
      serves: 'main',
      envVariable: 'POLYFAAS_ENV_0A1B2C3D4E',
      secrets: { DB: 'orders_db' },
      timeoutSeconds: 30,
    });
    expect(manifestOf(files, 'polyfaas/async')).toMatchObject({ serves: 'async', async: ASYNC });
    expect(manifestOf(files, 'polyfaas/events/topic-1')).toMatchObject({
      serves: { bindingId: 'topic-1' },
    });
    const bare = outputInput();
    const without = outputInput({ config: { ...bare.config, hasEnv: false } });
    expect(manifestOf(generatedFiles(without), 'polyfaas/main')).toMatchObject({
      envVariable: null,
    });
  });

  it.each([
    [1, 11],
    [295, 300],
    [300, 300],
    [301, 311],
    [795, 800],
    [800, 800],
    [801, 811],
    [1795, 1800],
    [1800, 1800],
  ])('lets a function with a timeout of %i s run for %i s', (timeoutSeconds, maxDuration) => {
    const { config } = outputInput();
    const input = outputInput({ config: { ...config, timeoutSeconds } });
    expect(configOf(generatedFiles(input), 'polyfaas/main')).toMatchObject({ maxDuration });
  });

  it('is the same for the same wish, in whatever order it is told', () => {
    const other = outputInput({
      ...WISH,
      policies: WISH.policies.toReversed(),
      config: { ...WISH.config, secrets: { ...WISH.config.secrets } },
    });
    const shown = (files: readonly OutputFile[]): readonly string[] =>
      files
        .filter(({ path }) => !path.endsWith('polyfaas.json'))
        .map(({ path, mode, bytes }) => `${path} ${mode} ${Buffer.from(bytes).toString('hex')}`);
    expect(shown(outputFiles(CODE.toReversed(), other))).toEqual(shown(outputFiles(CODE, WISH)));
    expect(outputFiles(CODE, WISH)).toEqual(outputFiles(CODE, WISH));
  });

  it('keeps the modes of files, and takes no file of ours from the artifact', () => {
    const files = outputFiles([...CODE, file('polyfaas.json', '{}')], outputInput());
    const modes = Object.fromEntries(files.map(({ path, mode }) => [path, mode.toString(8)]));
    expect(modes).toEqual({
      'config.json': '100644',
      'functions/polyfaas/main.func/.vc-config.json': '100644',
      'functions/polyfaas/main.func/bin/tool': '100755',
      'functions/polyfaas/main.func/index.mjs': '100644',
      'functions/polyfaas/main.func/polyfaas.json': '100644',
      'functions/polyfaas/main.func/polyfaas.mjs': '100644',
    });
    expect(manifestOf(files, 'polyfaas/main')).toHaveProperty('version', '0a1b2c3d4e');
  });

  it('is refused for code without the file that Vercel loads', () => {
    expect(() => outputFiles([file('other.mjs', '')], outputInput())).toThrow(
      /no file "index\.mjs"/,
    );
  });

  it('can be referred to by digests, once Vercel has the code', () => {
    const references = fileReferences(keptFiles(CODE), generatedFiles(WISH), WISH);
    const expected = outputFiles(CODE, WISH).map(({ path, mode, bytes }) => ({
      file: `.vercel/output/${path}`,
      sha: createHash('sha1').update(bytes).digest('hex'),
      size: bytes.byteLength,
      mode,
    }));
    expect(references).toEqual(expected);
  });
});
