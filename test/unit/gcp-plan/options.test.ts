import { describe, expect, it } from 'vitest';
import { functionSettings, platformSettings } from '../../../providers/gcp/options.ts';
import { platformOf, specOf } from './spec.ts';

describe('settings of the project', () => {
  it('come from the options, the region and the environment', () => {
    expect(platformSettings(undefined, undefined, {})).toMatchObject({
      projectId: null,
      projectNumber: null,
      location: '',
      firestoreDatabase: '(default)',
      functionIds: {},
      certificates: 'https://www.googleapis.com/oauth2/v3/certs',
      endpoints: { run: 'https://run.googleapis.com' },
    });
    const env = { GOOGLE_CLOUD_PROJECT: 'one', GCLOUD_PROJECT: 'two', GOOGLE_CLOUD_REGION: '' };
    expect(platformSettings({}, 'eu-central', env)).toMatchObject({
      projectId: 'one',
      location: 'europe-west3',
    });
    expect(
      platformSettings({ projectId: 'mine-123' }, undefined, {
        GCLOUD_PROJECT: 'two',
        CLOUDSDK_COMPUTE_REGION: 'us-east4',
      }),
    ).toMatchObject({ projectId: 'mine-123', location: 'us-east4' });
    expect(platformSettings({}, undefined, { GCLOUD_PROJECT: 'two' }).projectId).toBe('two');
  });

  it('take native names of regions, and refuse what is none', () => {
    expect(platformSettings({}, 'northamerica-northeast2', {}).location).toBe(
      'northamerica-northeast2',
    );
    expect(() => platformSettings({}, 'eu-central-1', {})).toThrow(
      expect.objectContaining({
        code: 'INVALID_ARGUMENT',
        message: expect.stringMatching(/^region: "eu-central-1".*europe-west3.*eu-central/),
      }),
    );
  });

  it('put given endpoints over those of Google, over an open line only on this machine', () => {
    const { endpoints, certificates } = platformOf({
      endpoints: { run: 'http://127.0.0.1:1234/', certificates: 'https://keys.example.com/' },
    });
    expect(endpoints.run).toBe('http://127.0.0.1:1234');
    expect(endpoints.pubsub).toBe('https://pubsub.googleapis.com');
    expect(certificates).toBe('https://keys.example.com');
    expect(() => platformOf({ endpoints: { run: 'http://example.com' } })).toThrow(/endpoints.run/);
    expect(() => platformOf({ endpoints: { nothing: 'https://example.com' } })).toThrow(/nothing/);
  });

  it('name every problem at once', () => {
    const wrong = {
      projectId: 'No Project',
      functionIds: { a: 'same-id', b: 'same-id' },
      httpAccess: 'everybody',
      cpu: 3,
      kmsKey: 'key',
      further: 1,
    };
    expect(() => platformSettings(wrong, undefined, {})).toThrow(
      expect.objectContaining({
        code: 'INVALID_ARGUMENT',
        message: expect.stringMatching(
          /(?=.*\.projectId)(?=.*\.functionIds)(?=.*\.httpAccess)(?=.*\.cpu: 3 must be 0.08 to 1, or one of 1, 2, 4, 6, 8)(?=.*\.kmsKey)(?=.*further)/s,
        ),
      }),
    );
  });
});

describe('settings of a function', () => {
  it('have a value for everything', () => {
    expect(functionSettings(specOf(), platformOf())).toStrictEqual({
      httpAccess: 'public',
      ingress: 'ALLOW_ALL',
      cpu: 0.167,
      runtime: 'nodejs24',
      serviceAccount: null,
      buildServiceAccount: null,
      vpcConnector: null,
      vpcEgress: null,
      kmsKey: null,
      dockerRepository: null,
      invokeKeyId: 'k1',
    });
  });

  it('are its own before those of the project', () => {
    const platform = platformOf({ httpAccess: 'private', cpu: 2, ingress: 'ALLOW_INTERNAL_ONLY' });
    const spec = specOf({
      runtime: 'node22',
      providerOptions: { gcp: { cpu: 1 } },
    });
    expect(functionSettings(spec, platform)).toMatchObject({
      httpAccess: 'private',
      ingress: 'ALLOW_INTERNAL_ONLY',
      cpu: 1,
      runtime: 'nodejs22',
    });
  });

  it.each([
    [128, 1, 0.083],
    [512, 1, 0.333],
    [1024, 1, 0.583],
    [1024, 80, 1],
    [2048, 80, 1],
    [4096, 1, 2],
    [16_384, 1, 4],
    [32_768, 1, 8],
  ])('give %i MB with concurrency %i %d vCPUs', (memoryMb, concurrency, cpu) => {
    expect(functionSettings(specOf({ memoryMb, concurrency }), platformOf()).cpu).toBe(cpu);
  });
});
