import { describe, expect, it } from 'vitest';
import { GoogleFault } from '../../fakes/gcp/core/fault.ts';
import { applyMask, protoJson, wantsEnumNumbers } from '../../fakes/gcp/core/proto-json.ts';

const functions = protoJson('functions');

function refusal(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (error instanceof GoogleFault) return `${error.code} ${error.message}`;
    throw error;
  }
  return 'no refusal';
}

describe('decode', () => {
  it('takes camelCase and snake_case, enums as numbers, and leaves zeros out', () => {
    const value = functions.decode(
      'Function',
      {
        environment: 2,
        labels: {},
        description: '',
        service_config: {
          timeout_seconds: '60',
          ingressSettings: 'ALLOW_ALL',
          min_instance_count: 0,
        },
        buildConfig: { source: { storageSource: { bucket: 'b', generation: 7 } } },
        eventTrigger: null,
      },
      'function',
    );
    expect(value).toEqual({
      environment: 'GEN_2',
      serviceConfig: { timeoutSeconds: 60, ingressSettings: 'ALLOW_ALL' },
      buildConfig: { source: { storageSource: { bucket: 'b', generation: '7' } } },
    });
  });

  it('tells unknown names as Google does', () => {
    const decode = (json: unknown): unknown => functions.decode('Function', json, 'function');
    expect(refusal(() => decode({ lables: {} }))).toBe(
      'INVALID_ARGUMENT Invalid JSON payload received. Unknown name "lables" at \'function\': Cannot find field.',
    );
    expect(refusal(() => decode({ serviceConfig: { memory: '1' }, oops: 1 }))).toBe(
      'INVALID_ARGUMENT Invalid JSON payload received. Unknown name "memory" at \'function.service_config\': Cannot find field.\n' +
        'Invalid JSON payload received. Unknown name "oops" at \'function\': Cannot find field.',
    );
    expect(refusal(() => functions.decode('GenerateUploadUrlRequest', { zip: 1 }))).toBe(
      'INVALID_ARGUMENT Invalid JSON payload received. Unknown name "zip": Cannot find field.',
    );
  });

  it('tells wrong values', () => {
    const decode = (config: object): unknown =>
      functions.decode('Function', { serviceConfig: config }, 'function');
    expect(refusal(() => decode({ ingressSettings: 'BOGUS' }))).toContain(
      'Invalid value at \'function.service_config.ingress_settings\' (type.googleapis.com/google.cloud.functions.v2.ServiceConfig.IngressSettings), "BOGUS"',
    );
    expect(refusal(() => decode({ timeoutSeconds: 'soon' }))).toContain('(TYPE_INT32), "soon"');
    expect(refusal(() => decode({ timeoutSeconds: 1.5 }))).toContain('(TYPE_INT32), 1.5');
    expect(refusal(() => decode({ availableMemory: 256 }))).toContain('(TYPE_STRING), 256');
    expect(refusal(() => decode({ availableMemory: ['1'] }))).toContain('cannot start list');
    expect(refusal(() => decode({ environmentVariables: { A: 1 } }))).toContain(
      "'function.service_config.environment_variables[0].value' (TYPE_STRING), 1",
    );
  });

  it('reads times, durations, bytes, oneofs', () => {
    const secrets = protoJson('secret-manager');
    expect(secrets.decode('SecretPayload', { data: '_-8' })).toEqual({ data: '/+8=' });
    expect(secrets.decode('Secret', { ttl: '3.500s' })).toEqual({ ttl: '3.5s' });
    expect(refusal(() => secrets.decode('Secret', { ttl: '3' }, 'secret'))).toContain(
      "Field 'ttl', Illegal duration format; duration must end with 's'",
    );
    expect(refusal(() => secrets.decode('Secret', { expireTime: 'soon' }, 'secret'))).toContain(
      'Invalid time format',
    );
    const both = { ttl: '3s', expireTime: '2026-01-01T00:00:00+01:00' };
    expect(refusal(() => secrets.decode('Secret', both, 'secret'))).toContain('already set');
    expect(secrets.decode('Secret', { expireTime: both.expireTime })).toEqual({
      expireTime: '2025-12-31T23:00:00Z',
    });
  });

  it('keeps a zero where there is a difference', () => {
    const run = protoJson('run');
    expect(run.decode('ServiceScaling', { manualInstanceCount: 0, minInstanceCount: 0 })).toEqual({
      manualInstanceCount: 0,
    });
  });

  it('reads queries', () => {
    const query = new URLSearchParams('pageSize=5&filter=x&$alt=json;enum-encoding=int');
    expect(functions.decodeQuery('ListFunctionsRequest', query)).toEqual({
      pageSize: 5,
      filter: 'x',
    });
    expect(
      refusal(() => functions.decodeQuery('ListFunctionsRequest', new URLSearchParams('size=5'))),
    ).toContain(
      'Unknown name "size": Cannot bind query parameter. Field \'size\' could not be found in request message.',
    );
    expect(wantsEnumNumbers(query)).toBe(true);
    expect(wantsEnumNumbers(new URLSearchParams())).toBe(false);
    const mask = new URLSearchParams('updateMask=labels,service_config.available_cpu');
    expect(functions.decodeQuery('UpdateFunctionRequest', mask)).toEqual({
      updateMask: 'labels,serviceConfig.availableCpu',
    });
  });
});

describe('encode', () => {
  const value = {
    name: 'f',
    state: 'ACTIVE',
    labels: {},
    stateMessages: [{ severity: 'ERROR', message: 'm' }],
    serviceConfig: { timeoutSeconds: 0, availableCpu: '1' },
    updateTime: '2026-01-01T00:00:00.000Z',
  };

  it('writes enums as texts, or as numbers', () => {
    expect(functions.encode('Function', value)).toEqual({
      name: 'f',
      state: 'ACTIVE',
      stateMessages: [{ severity: 'ERROR', message: 'm' }],
      serviceConfig: { availableCpu: '1' },
      updateTime: '2026-01-01T00:00:00Z',
    });
    expect(functions.encode('Function', value, { enumsAsNumbers: true })).toMatchObject({
      state: 1,
      stateMessages: [{ severity: 1 }],
    });
  });

  it('writes what is in an Any by its type', () => {
    const operation = {
      name: 'o',
      done: true,
      response: { '@type': 'type.googleapis.com/google.cloud.functions.v2.Function', ...value },
    };
    expect(
      functions.encode('google.longrunning.Operation', operation, { enumsAsNumbers: true }),
    ).toMatchObject({ response: { '@type': operation.response['@type'], state: 1 } });
  });

  it('is loud about mistakes of the fake', () => {
    expect(() => functions.encode('Function', { nothing: 1 })).toThrow(/unknown field/);
  });
});

describe('masks', () => {
  it('replaces what the paths name, whole', () => {
    const current = { labels: { a: '1' }, serviceConfig: { availableCpu: '1', uri: 'u' }, x: 1 };
    const wish = { labels: { b: '2' }, serviceConfig: { minInstanceCount: 2 } };
    expect(
      applyMask(current, wish, [
        'labels',
        'service_config.min_instance_count',
        'serviceConfig.availableCpu',
      ]),
    ).toEqual({ labels: { b: '2' }, serviceConfig: { uri: 'u', minInstanceCount: 2 }, x: 1 });
    expect(applyMask(current, {}, ['labels', 'eventTrigger.trigger'])).toEqual({
      serviceConfig: current.serviceConfig,
      x: 1,
    });
  });

  it('knows the fields', () => {
    expect(functions.maskOf('Function', 'labels,service_config.available_cpu')).toEqual([
      'labels',
      'serviceConfig.availableCpu',
    ]);
    expect(refusal(() => functions.maskOf('Function', 'labels.a'))).toContain('"labels.a"');
    expect(refusal(() => functions.maskOf('Function', 'labelz'))).toContain('"labelz"');
  });

  it('tells what only the API writes', () => {
    expect(
      functions.inputOf('Function', {
        state: 'ACTIVE',
        description: 'd',
        serviceConfig: { uri: 'u', availableCpu: '1' },
      }),
    ).toEqual({ description: 'd', serviceConfig: { availableCpu: '1' } });
  });
});
