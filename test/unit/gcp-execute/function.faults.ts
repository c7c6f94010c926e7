import type { JsonObject, JsonValue } from 'polyfaas/spi';
import { describe, expect, it } from 'vitest';
import { listAt, textAt, textsAt } from '../../../providers/gcp/clients/json.ts';
import { LABEL } from '../../../providers/gcp/record.ts';
import { accountInput, functionInput, LABELS, onFake, type OnFake } from './on-fake.ts';

const read = ({ ask, names }: OnFake): Promise<JsonValue> =>
  ask({ api: 'functions', method: 'GET', path: `/v2/${names.function}` });

async function revisions({ ask, names }: OnFake): Promise<number> {
  const path = `/v2/${names.service}/revisions`;
  return listAt(await ask({ api: 'run', method: 'GET', path }), 'revisions').length;
}

async function answer(made: JsonObject): Promise<string> {
  const reply = await fetch(textAt(made, 'url') ?? '');
  return reply.text();
}

const isBuild = (line: string): boolean =>
  /^functions (?:POST|PATCH) .*\/functions(?:\/[\w-]+)?$/.test(line);

describe('a build', () => {
  it('makes a function, tells its revision, and is not repeated', async () => {
    const on = await onFake();
    await on.found();
    const source = await on.upload('v1');
    const input = functionInput(on.names, 'v1', source);
    const made = await on.run('build-function', input);
    expect(made).toMatchObject({
      revision: expect.stringMatching(/^shop-dev-orders-00001-[a-z]{3}$/),
      service: on.names.service,
      url: expect.stringMatching(/^http:/),
      createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
    });
    expect(textsAt(await read(on), 'labels')).toEqual({ ...LABELS, [LABEL.build]: 'build-v1' });
    on.calls.splice(0);
    expect(await on.run('build-function', input)).toEqual(made);
    expect(on.calls).toEqual([
      `functions GET /v2/${on.names.function}`,
      // Somebody may have deleted it.
      expect.stringMatching(/^run GET .*\/revisions\/shop-dev-orders-00001-[a-z]{3}$/),
    ]);
  });

  it('of another version leaves the traffic where it is', async () => {
    const on = await onFake();
    await on.found();
    const first = await on.build('v1');
    const { revision, service, url } = first;
    await on.run('tag-revision', { service, revision, tag: 'vv1', live: null });
    const { names } = on;
    const grant = { service, url, members: ['allUsers'], revoked: [] };
    await on.run('service-access', grant);
    await on.clock.advance(60_000);
    const second = await on.build('v2');
    expect(second['revision']).not.toBe(first['revision']);
    expect(await answer(second)).toBe('v1');
    expect(textsAt(await read(on), 'labels')[LABEL.build]).toBe('build-v2');
    expect(names.service).toBe(service);
  });

  it('is begun once, whatever becomes of the answers', async () => {
    const first = await onFake();
    await first.found();
    const source = await first.upload('v1');
    const calls = await first.fake.faults.count(async () => {
      await first.run('build-function', functionInput(first.names, 'v1', source));
    });
    // What comes after the second poll is the same over and over, but for the last look.
    for (const call of [0, 1, 2, calls - 2, calls - 1]) {
      const on = await onFake();
      await on.found();
      const input = functionInput(on.names, 'v1', await on.upload('v1'));
      on.fake.faults.arm({ call, kind: 'lost-reply' });
      await on.persist('build-function', input);
      on.fake.faults.disarm();
      expect(await revisions(on)).toBe(1);
      expect(on.calls.filter(isBuild)).toHaveLength(1);
      const next = functionInput(on.names, 'v2', await on.upload('v2'));
      on.fake.faults.arm({ call, kind: 'lost-reply' });
      await on.persist('build-function', next);
      expect(await revisions(on)).toBe(2);
    }
  });

  it('waits for another operation, and then does its own', async () => {
    const on = await onFake();
    await on.found();
    await on.build('v1');
    const [two, three] = [await on.upload('v2'), await on.upload('v3')];
    const { names } = on;
    const both = await Promise.allSettled([
      on.run('build-function', functionInput(names, 'v2', two)),
      on.run('build-function', functionInput(names, 'v3', three)),
    ]);
    // The one before was built too, unless it found that another one came after it.
    for (const one of both) {
      if (one.status === 'rejected') expect(one.reason).toMatchObject({ code: 'CONFLICT' });
    }
    expect(both.map(({ status }) => status)).toContain('fulfilled');
    expect(await revisions(on)).toBe(3);
  });

  it('of a function of somebody else is refused, or taken over when that is asked for', async () => {
    const on = await onFake();
    await on.found();
    const stranger = await on.fake.stranger('shop-dev-orders');
    const source = await on.upload('v1');
    await expect(
      on.run('build-function', functionInput(on.names, 'v1', source)),
    ).rejects.toMatchObject({ code: 'ALREADY_EXISTS' });
    await on.run('delete-function', { name: on.names.function });
    expect(await stranger.untouched()).toBe(true);
    const input = functionInput(on.names, 'v1', source, { adopt: true });
    await on.run('build-function', input);
    expect(textsAt(await read(on), 'labels')).toMatchObject(LABELS);
  });

  it('waits until its service account is known', async () => {
    const on = await onFake();
    await on.run('service-account', accountInput(on.fake.projectId, on.names));
    const source = await on.upload('v1');
    const made = await on.run('build-function', functionInput(on.names, 'v1', source));
    expect(made['revision']).toBeDefined();
  });

  it('that fails tells why, and where its log is; the version before goes on', async () => {
    const on = await onFake();
    await on.found();
    await on.build('v1');
    await expect(on.build('v2', 'const = 1;')).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringMatching(/build failed.*console\.cloud\.google\.com/is),
      details: { phase: 'build', log: expect.stringContaining('cloud-build/builds') },
    });
    expect(textsAt(await read(on), 'labels')[LABEL.build]).toBe('build-v1');
    expect(textAt(await read(on), 'state')).toBe('ACTIVE');
  });

  it('of a version that does not start tells what its code said', async () => {
    const on = await onFake();
    await on.found();
    const line = JSON.stringify({
      severity: 'ERROR',
      message: 'The code could not be loaded',
      polyfaas: 'load-error',
      error: { name: 'TypeError', message: 'no such table', stack: 'TypeError: no such table' },
    });
    const code = `process.stderr.write(${JSON.stringify(`${line}\n`)}, () => process.exit(1)); await new Promise(() => {});`;
    const built = on.build('v1', code);
    await expect(built).rejects.toMatchObject({
      code: 'FUNCTION_FAILED',
      message: expect.stringContaining('TypeError: no such table'),
      details: { phase: 'init', errorName: 'TypeError' },
    });
  });

  it('of a version that ends without a word tells where its log is', async () => {
    const on = await onFake();
    await on.found();
    await expect(on.build('v1', 'process.exit(3);')).rejects.toMatchObject({
      code: 'FUNCTION_FAILED',
      message: expect.stringContaining('did not start'),
    });
  });
});

describe('an API that is switched off', () => {
  it('is told before anything is built', async () => {
    const on = await onFake();
    await on.found();
    on.fake.world.disabledApis.add('cloudfunctions.googleapis.com');
    const { classify } = await import('../../../providers/gcp/errors.ts');
    const failure: unknown = await on.upload('v1').catch((error: unknown) => error);
    expect(classify(failure)).toMatchObject({
      code: 'PERMISSION_DENIED',
      message: expect.stringContaining('gcloud services enable cloudfunctions.googleapis.com'),
    });
  });
});

describe('a removal', () => {
  it('takes the function away, whatever becomes of the answers, and again', async () => {
    const on = await onFake();
    await on.found();
    const input = { name: on.names.function };
    for (const call of [0, 1, 2, 3]) {
      await on.build(`v${call}`);
      on.fake.faults.arm({ call, kind: 'lost-reply' });
      await on.persist('delete-function', input);
      on.fake.faults.disarm();
      await expect(read(on)).rejects.toMatchObject({ status: 404 });
    }
    await on.run('delete-function', input);
  });
});

describe('a secret that the function may not read', () => {
  const withSecret = (input: object, projectId: string): object => {
    const wish: JsonObject = Object(Reflect.get(input, 'wish'));
    const serviceConfig: JsonObject = Object(wish['serviceConfig']);
    const secretEnvironmentVariables = [
      { key: 'SETTINGS', projectId, secret: 'polyfaas-shop-dev-orders', version: 'latest' },
    ];
    return {
      ...input,
      wish: { ...wish, serviceConfig: { ...serviceConfig, secretEnvironmentVariables } },
    };
  };

  const prepared = async (on: OnFake): Promise<object> => {
    await on.found();
    const { secret } = on.names;
    const path = `/v1/${secret}:addVersion`;
    const body = { payload: { data: Buffer.from('{}').toString('base64') } };
    await on.ask({ api: 'secretmanager', method: 'POST', path, body });
    const input = functionInput(on.names, 'v1', await on.upload('v1'));
    return withSecret(input, on.fake.projectId);
  };

  it('is waited for, since a grant may be new', async () => {
    const on = await onFake();
    const input = await prepared(on);
    const { secret, member } = on.names;
    on.clock.after(80_000, () => {
      on.fake.world.policies.grantAtOnce(secret, 'roles/secretmanager.secretAccessor', member);
    });
    expect((await on.run('build-function', input))['revision']).toBeDefined();
  });

  it('is told with what to do, when nobody grants it', async () => {
    const on = await onFake();
    const failure: unknown = await on
      .run('build-function', await prepared(on))
      .catch((error: unknown) => error);
    const { classify } = await import('../../../providers/gcp/errors.ts');
    expect(classify(failure)).toMatchObject({
      code: 'PERMISSION_DENIED',
      message: expect.stringContaining('gcloud secrets add-iam-policy-binding'),
    });
  });
});
