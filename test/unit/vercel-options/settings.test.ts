import { ServerlessError } from 'polyfaas/spi';
import { describe, expect, it } from 'vitest';
import {
  functionSettings,
  givenOptions,
  platformSettings,
} from '../../../providers/vercel/options.ts';
import { REGION_ALIASES, regionOf, regionProblem } from '../../../providers/vercel/region.ts';
import { runtimeProblem } from '../../../providers/vercel/runtime.ts';

/** What is thrown. */
function refusedWith(given: unknown, region?: string): ServerlessError {
  try {
    platformSettings(given, region, {});
  } catch (error) {
    if (ServerlessError.isInstance(error)) return error;
  }
  throw new Error('It was not refused.');
}

describe('the settings of the account', () => {
  it("are Vercel's own where nothing is given", () => {
    expect(platformSettings(undefined, undefined, {})).toStrictEqual({
      token: '',
      team: null,
      apiEndpoint: 'https://api.vercel.com',
      queueEndpoint: 'https://{region}.vercel-queue.com',
      projectNames: {},
      queues: false,
      region: 'iad1',
      defaults: {},
    });
  });

  it('are taken from the environment where the options do not say', () => {
    const env = { VERCEL_TOKEN: 'abc', VERCEL_TEAM_ID: 'team_2', VERCEL_ORG_ID: 'team_3' };
    expect(platformSettings({}, undefined, env)).toMatchObject({ token: 'abc', team: 'team_2' });
    const given = { token: 'own', team: 'acme' };
    expect(platformSettings(given, undefined, env)).toMatchObject({ token: 'own', team: 'acme' });
  });

  it('know the organisation of a project as the team, unless it is the user', () => {
    const teamOf = (id: string): string | null =>
      platformSettings({}, undefined, { VERCEL_ORG_ID: id }).team;
    expect(teamOf('team_3')).toBe('team_3');
    expect(teamOf('Kx8lPfdXDB3gAlDNnT6nIMbY')).toBeNull();
    expect(platformSettings({}, undefined, { VERCEL_TEAM_ID: '' }).team).toBeNull();
  });

  it('hold what is given, with addresses that end without a slash', () => {
    const endpoints = { api: 'http://127.0.0.1:4000/', queue: 'http://localhost:5000/' };
    const given = {
      endpoints,
      queues: 'beta',
      projectNames: { orders: 'shop-orders' },
      domain: 'api.example.com',
      invokeKeyId: 'k2',
    };
    expect(platformSettings(given, 'eu-central', {})).toMatchObject({
      apiEndpoint: 'http://127.0.0.1:4000',
      queueEndpoint: 'http://localhost:5000',
      queues: true,
      projectNames: { orders: 'shop-orders' },
      region: 'fra1',
      defaults: { domain: 'api.example.com', invokeKeyId: 'k2' },
    });
    const queue = 'https://{region}.queue.example.com';
    expect(platformSettings({ endpoints: { queue } }, 'fra1', {}).queueEndpoint).toBe(queue);
  });

  it('tell every problem at once, each by its field', () => {
    const error = refusedWith(
      {
        token: 'two words',
        team: 'Team With Spaces',
        endpoints: { api: 'http://api.example.com', queue: 'ftp://x' },
        queues: true,
        projectNames: { a: 'UPPER', b: 'x---y' },
        runtime: 'nodejs20.x',
        regions: ['fra1', 'eu-central'],
        domain: 'https://api.example.com',
        invokeKeyId: 'K 1',
        unknown: 1,
      },
      'Mars',
    );
    expect(error.code).toBe('INVALID_ARGUMENT');
    for (const field of [
      'token',
      'team',
      'endpoints.api',
      'endpoints.queue',
      'queues',
      'projectNames.a',
      'projectNames.b',
      'runtime',
      'regions',
      'domain',
      'invokeKeyId',
    ]) {
      expect(error.message).toContain(`providerOptions.vercel.${field}: `);
    }
    expect(error.message).toContain('unknown');
    expect(error.message).toContain('region: "Mars" is no region of Vercel');
  });

  it('never repeat a token', () => {
    expect(refusedWith({ token: 'very secret' }).message).not.toContain('very secret');
  });

  it('refuse an open connection but to this machine', () => {
    for (const api of ['http://127.0.0.1:1', 'http://[::1]:1', 'http://localhost']) {
      expect(platformSettings({ endpoints: { api } }, undefined, {}).apiEndpoint).toBe(api);
    }
    for (const api of ['http://127.0.0.1.example.com', 'http://10.0.0.1', 'example.com']) {
      expect(refusedWith({ endpoints: { api } }).message).toContain('endpoints.api');
    }
    const queue = 'http://{region}.example.com';
    expect(refusedWith({ endpoints: { queue } }).message).toContain('endpoints.queue');
  });

  it('refuse one project for two functions', () => {
    const error = refusedWith({ projectNames: { a: 'same', b: 'same' } });
    expect(error.message).toContain('gives two functions one project');
  });
});

describe('the settings of a function', () => {
  const platform = platformSettings(
    { regions: ['fra1'], domain: 'api.example.com' },
    'eu-central',
    {},
  );

  it('are those of its declaration, over those for all', () => {
    const spec = {
      runtime: 'node22',
      providerOptions: { vercel: { regions: ['us-east', 'arn1'] } },
    };
    expect(functionSettings(spec, platform)).toStrictEqual({
      runtime: 'nodejs22.x',
      regions: ['arn1', 'iad1'],
      domain: 'api.example.com',
      invokeKeyId: 'k1',
    });
    expect(givenOptions({ providerOptions: {} }, platform)).toStrictEqual({
      regions: ['fra1'],
      domain: 'api.example.com',
    });
  });

  it('are in the region of the configuration, on the newest Node.js', () => {
    const plain = platformSettings({}, 'ap-northeast', {});
    expect(functionSettings({ runtime: 'node', providerOptions: {} }, plain)).toStrictEqual({
      runtime: 'nodejs24.x',
      regions: ['hnd1'],
      domain: null,
      invokeKeyId: 'k1',
    });
    const vercel = { runtime: 'nodejs22.x' };
    const own = functionSettings({ runtime: 'node', providerOptions: { vercel } }, plain);
    expect(own.runtime).toBe('nodejs22.x');
  });
});

describe('regions', () => {
  it('have an alias each that leads to one that Vercel has', () => {
    for (const [alias, native] of Object.entries(REGION_ALIASES)) {
      expect(regionOf(alias)).toBe(native);
      expect(regionProblem(native)).toBeUndefined();
    }
  });

  it("of other clouds are refused, with Vercel's", () => {
    for (const region of ['us-east-1', 'europe-west3', 'westeurope', '']) {
      expect(regionProblem(regionOf(region))).toMatch(/iad1.*eu-central/);
    }
  });
});

describe('runtimes', () => {
  it('that Vercel does not have are refused, with what it has', () => {
    expect(runtimeProblem('node')).toBeUndefined();
    expect(runtimeProblem('node20')).toContain('"node22"');
    expect(runtimeProblem('python3')).toContain('"node24"');
  });
});
