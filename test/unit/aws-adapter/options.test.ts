import { describe, expect, it } from 'vitest';
import type { NormalFunctionSpec } from 'polyfaas/spi';
import { normalizeFunction } from '../../../src/spec/normalize.ts';
import type { FunctionSpecBase } from '../../../src/spec/types.ts';
import { functionIssues } from '../../../providers/aws/check.ts';
import { environmentOf } from '../../../providers/aws/environment.ts';
import { functionSettings, platformSettings } from '../../../providers/aws/options.ts';

const platform = platformSettings(undefined, 'eu-central', {});

function specOf(declared: FunctionSpecBase): NormalFunctionSpec {
  return normalizeFunction('orders', { ...declared, entry: './orders.ts' }).spec;
}

function problems(declared: FunctionSpecBase): readonly string[] {
  return functionIssues(specOf(declared), platform)
    .filter(({ warning }) => warning === undefined)
    .map(({ path, message }) => `${path}: ${message}`);
}

describe('the settings of the account', () => {
  it('have defaults', () => {
    expect(platform.clients.region).toBe('eu-central-1');
    expect(platform.clients.maxSockets).toBe(256);
    expect(platform.logTailSampleRate).toBe(0);
    expect(platform.artifactBucket).toBeNull();
  });

  it('name a region that there may be', () => {
    const named = (region: string | undefined, env: Record<string, string> = {}) =>
      platformSettings(undefined, region, env).clients.region;
    for (const region of ['us-gov-west-1', 'eusc-de-east-1', 'ap-southeast-7', 'us-isob-east-1']) {
      expect(named(region)).toBe(region);
    }
    for (const region of ['eu-centrl-1', 'eu-central-', 'Frankfurt', 'eu-central-1a']) {
      const message: unknown = expect.stringMatching(
        `region: "${region}" .*"eu-central-1".*eu-west`,
      );
      expect(() => named(region)).toThrow(
        expect.objectContaining({ code: 'INVALID_ARGUMENT', message }),
      );
    }
    expect(() => named(undefined, { AWS_REGION: 'nowhere' })).toThrow(/AWS_REGION: "nowhere"/);
    // An emulator may name its own.
    expect(named('here', { AWS_ENDPOINT_URL: 'http://127.0.0.1:4566' })).toBe('here');
  });

  it('are refused with every problem at once, and none of the secrets', () => {
    const given = {
      endpoint: 'no address',
      credentials: { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'wJalrXUtnFEMI' },
      profile: 'dev',
      assumeRole: { roleArn: 'arn:aws:iam::1:user/x', durationSeconds: 60 },
      maxSockets: 0,
      invoke: { logTailSampleRate: 2 },
      logRetentionDays: 31,
      unknown: 1,
    };
    let message = '';
    try {
      platformSettings(given, undefined, {});
    } catch (error) {
      message = String(error);
    }
    for (const path of [
      'endpoint',
      'assumeRole.roleArn',
      'assumeRole.durationSeconds',
      'maxSockets',
      'invoke.logTailSampleRate',
      'logRetentionDays',
      'unknown',
    ]) {
      expect(message).toContain(path);
    }
    expect(message).not.toContain('wJalrXUtnFEMI');
  });

  it('refuse a profile beside credentials', () => {
    const credentials = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'x' };
    expect(() => platformSettings({ credentials, profile: 'dev' }, undefined, {})).toThrow(
      /providerOptions\.aws\.profile: "dev" cannot be combined with `credentials`/,
    );
  });

  it('are the defaults of every function', () => {
    const all = platformSettings({ logRetentionDays: 7, layers: [] }, undefined, {});
    expect(functionSettings(specOf({}), all).logRetentionDays).toBe(7);
    const own = specOf({ providerOptions: { aws: { logRetentionDays: 1 } } });
    expect(functionSettings(own, all).logRetentionDays).toBe(1);
  });
});

describe('the settings of a function', () => {
  it('take minInstances and maxInstances for provisioned and reserved concurrency', () => {
    const settings = functionSettings(specOf({ minInstances: 2, maxInstances: 9 }), platform);
    expect(settings.provisioned).toMatchObject({ min: 2, max: 2 });
    expect(settings.reserved).toBe(9);
  });

  it('trace actively where tracing is declared', () => {
    expect(functionSettings(specOf({ tracing: true }), platform).tracing).toBe('Active');
    expect(functionSettings(specOf({}), platform).tracing).toBe('PassThrough');
  });

  it('are checked, all at once, with their paths', () => {
    const found = problems({
      runtime: 'node20',
      maxInstances: 3,
      minInstances: 2,
      env: { A: '1', AWS_REGION: 'x', _HANDLER: 'y', FINE: 'z' },
      tags: { 'aws:x': '1', 'bad?': '2' },
      providerOptions: {
        aws: {
          reservedConcurrency: 4,
          provisionedConcurrency: {
            min: 1,
            max: 9,
            schedules: [{ name: 'day', min: 5, max: 8, at: '2027-01-01T00:00:00' }],
          },
        },
      },
    });
    expect(found).toMatchInlineSnapshot(`
      [
        "functions.orders.runtime: Node 20 was deprecated by Lambda on 2026-04-30, and takes no new functions from 2027-02-01. Use "node" (Node 24), "node24" or "node22".",
        "functions.orders.env.A: "A" is no name for Lambda. Use a letter, then at least one of letters, digits and "_".",
        "functions.orders.env.AWS_REGION: "AWS_REGION" is set by Lambda itself and cannot be chosen. Choose another name.",
        "functions.orders.env._HANDLER: "_HANDLER" is set by Lambda itself and cannot be chosen. Choose another name.",
        "functions.orders.tags.aws:x: keys that begin with "aws:" or "polyfaas:" are reserved.",
        "functions.orders.tags.bad?: only letters, digits, spaces and _ . : / = + - @ are allowed.",
        "functions.orders.providerOptions.aws.reservedConcurrency: 4 contradicts maxInstances, 3; on AWS they are the same. Give one of them.",
        "functions.orders.providerOptions.aws.provisionedConcurrency.min: 1 contradicts minInstances, 2; on AWS they are the same. Give one of them.",
        "functions.orders.providerOptions.aws.provisionedConcurrency.max: 9 is more than the 4 that are reserved. Raise maxInstances, or lower it.",
        "functions.orders.providerOptions.aws.provisionedConcurrency.schedules[0].max: 8 is more than the 4 that are reserved.",
      ]
    `);
  });

  it('that do not fit the schema are named', () => {
    const layer = 'arn:aws:lambda:eu-central-1:123456789012:layer:x:1';
    const found = problems({
      providerOptions: {
        aws: {
          layers: [layer, layer, layer, layer, layer, layer],
          ephemeralStorageMb: 100,
          vpc: { subnetIds: [], securityGroupIds: ['x'] },
          canary: { weight: 2 },
          keepWarm: { everyMinutes: 0 },
          policyStatements: [{ actions: ['*'], resources: ['*'] }],
          provisionedConcurrency: { schedules: [{ name: 'x', min: 1, max: 0 }] },
        },
      },
    });
    expect(found.map((line) => line.split(':')[0])).toMatchInlineSnapshot(`
      [
        "functions.orders.providerOptions.aws.policyStatements[0].actions[0]",
        "functions.orders.providerOptions.aws.layers",
        "functions.orders.providerOptions.aws.vpc.subnetIds",
        "functions.orders.providerOptions.aws.vpc.securityGroupIds[0]",
        "functions.orders.providerOptions.aws.ephemeralStorageMb",
        "functions.orders.providerOptions.aws.provisionedConcurrency.schedules[0]",
        "functions.orders.providerOptions.aws.provisionedConcurrency.schedules[0].max",
        "functions.orders.providerOptions.aws.canary.weight",
        "functions.orders.providerOptions.aws.keepWarm.everyMinutes",
      ]
    `);
  });

  it.each([
    ['node', []],
    ['node24', []],
    ['python3.13', []],
    ['provided.al2023', []],
    ['node18', ['functions.orders.runtime']],
    ['cobol', ['functions.orders.runtime']],
  ])('know the runtime %s', (runtime, paths) => {
    expect(problems({ runtime }).map((line) => line.split(':')[0])).toStrictEqual(paths);
  });

  it('warn of what Lambda does in its own way', () => {
    const spec = specOf({
      async: { retry: { maxAttempts: 5, delaySeconds: 30 } },
      env: { AWS_ACCESS_KEY: 'x' },
    });
    const warnings = functionIssues(spec, platform).map(({ path, warning }) => [path, warning]);
    expect(warnings).toStrictEqual([
      ['functions.orders.env.AWS_ACCESS_KEY', 'other'],
      ['functions.orders.async.retry.maxAttempts', 'limit'],
      ['functions.orders.async.retry', 'ignored'],
    ]);
  });

  it('measure the environment as the JSON text that Lambda measures', () => {
    const quotes = (count: number) => problems({ env: { QUOTES: '"'.repeat(count) } });
    // Each quote takes two bytes.
    expect(quotes(1800)).toStrictEqual([]);
    expect(quotes(2000)).toStrictEqual([expect.stringMatching(/env: 4\d{3} bytes as JSON/)]);
  });

  it('measure what is sent, and say how much of it is ours', () => {
    const scope = { app: 'a', stage: 'b' };
    const sent = (env: Record<string, string>) =>
      JSON.stringify({
        ...environmentOf({ ...scope, name: 'orders' }, env),
        POLYFAAS_DIGEST: 'x'.repeat(40),
      }).length;
    const many = Object.fromEntries(Array.from({ length: 100 }, (_, n) => [`NAME_${n}`, 'value']));
    const rest = 4096 - sent({ ...many, REST: '' });
    const issues = (more: number) =>
      functionIssues(specOf({ env: { ...many, REST: 'x'.repeat(rest + more) } }), platform, scope);
    expect(issues(0)).toStrictEqual([]);
    expect(issues(1)).toStrictEqual([
      {
        path: 'functions.orders.env',
        message: `4097 bytes as JSON, as Lambda measures them, and it takes at most 4096. ${sent({})} of them are variables of polyfaas. Move large values to a file or a secret.`,
      },
    ]);
  });

  it('count the bytes that references to secrets take', () => {
    const env = Object.fromEntries(
      Array.from({ length: 40 }, (_, index) => [`SECRET_${index}`, { $secret: 'x'.repeat(100) }]),
    );
    expect(problems({ env })).toStrictEqual([
      expect.stringMatching(/^functions\.orders\.env: \d+ bytes .* at most 4096/),
    ]);
  });
});
