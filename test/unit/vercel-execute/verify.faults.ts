import { ServerlessError, textAt } from 'polyfaas/spi';
import { describe, expect, it } from 'vitest';
import type { Calls } from '../../../providers/vercel/execute.ts';
import { deploymentFailure } from '../../../providers/vercel/execute/deployment-failure.ts';
import { originHost } from '../../../providers/vercel/hosts.ts';
import type { VercelFake } from '../../fakes/vercel/index.ts';
import { file } from '../vercel-build-output/inputs.ts';
import {
  deploymentInput,
  deployments,
  makeProject,
  OK,
  onFake,
  VERSION,
  type OnFake,
} from './on-fake.ts';

/** Says why it cannot be loaded, as the entry does. */
const BROKEN = `
const line = {
  polyfaas: 'load-error',
  version: '${VERSION}',
  error: { name: 'TypeError', message: 'orders is not a function', stack: 'at orders.ts:1' },
};
process.stderr.write(JSON.stringify(line) + '\\n', () => process.exit(1));
await new Promise(() => {});
`;
const SILENT = 'process.exit(1);';

/** What an invoker makes of an answer. */
function callsOf({ world }: VercelFake): Calls {
  return {
    ...OK,
    async verify({ projectId, host }) {
      const [secret = ''] = world.projects.bypassSecretsOf(projectId);
      const headers = { 'x-vercel-protection-bypass': secret };
      const reply = await fetch(`http://${host}/polyfaas/invoke`, { headers });
      if (reply.status === 200) return 'ok';
      return new ServerlessError({
        code: 'FUNCTION_FAILED',
        provider: 'vercel',
        message: `Vercel answered ${reply.status} ${reply.headers.get('x-vercel-error')}.`,
      });
    },
  };
}

async function deployed(on: OnFake, code: string | undefined) {
  const projectId = await makeProject(on);
  await on.run('protection-bypass', { projectId });
  if (code !== undefined) on.files.splice(0, on.files.length, file('index.mjs', code));
  const made = await on.run('create-deployment', deploymentInput(projectId));
  const host = textAt(made, 'host');
  return { projectId, host, functionId: projectId, version: VERSION, expected: 'first' };
}

describe('verifying', () => {
  it('is done when the version answers', async () => {
    const on = await onFake(callsOf);
    const input = await deployed(on, undefined);
    expect(await on.run('verify-deployment', input)).toEqual({});
    expect(await on.run('verify-deployment', input)).toEqual({});
  });

  it('waits for one that does not answer yet', async () => {
    let calls = 0;
    const on = await onFake(() => ({
      ...OK,
      verify: () =>
        Promise.resolve(++calls < 3 ? { notYet: '503', doubt: null, cause: undefined } : 'ok'),
    }));
    await on.run('verify-deployment', { projectId: 'p', host: 'h', functionId: 'f', version: 'v' });
    expect(calls).toBe(3);
  });

  it('tells why code could not be loaded', async () => {
    const on = await onFake(callsOf);
    const input = await deployed(on, BROKEN);
    await expect(on.run('verify-deployment', input)).rejects.toMatchObject({
      code: 'FUNCTION_FAILED',
      message: expect.stringContaining('TypeError: orders is not a function'),
      cause: { name: 'TypeError', message: 'orders is not a function', stack: 'at orders.ts:1' },
    });
  });

  it('tells it also when the live log began too late to show it', async () => {
    const on = await onFake(callsOf);
    const input = await deployed(on, BROKEN);
    const { lines } = on.vercel;
    on.vercel.lines = async function* deaf(request) {
      for await (const line of lines(request)) if (line === '') yield line;
    };
    await expect(on.run('verify-deployment', input)).rejects.toMatchObject({
      code: 'FUNCTION_FAILED',
      message: expect.stringContaining('TypeError: orders is not a function'),
    });
  });

  it('lets go of a deployment that does not work: what was wrong may be no part of its digest', async () => {
    const on = await onFake(callsOf);
    const input = await deployed(on, BROKEN);
    await expect(on.run('verify-deployment', input)).rejects.toMatchObject({
      code: 'FUNCTION_FAILED',
    });
    expect(on.fake.inventory().filter((line) => line.startsWith('deployment'))).toEqual([]);
  });

  it('never lets go of the live one', async () => {
    const on = await onFake(callsOf);
    const { projectId, host, ...input } = await deployed(on, BROKEN);
    const [found] = await deployments(on, projectId);
    const deploymentId = textAt(found, 'uid');
    await on.run('promote-deployment', { projectId, deploymentId, expected: 'first' });
    await expect(on.run('verify-deployment', { ...input, projectId, host })).rejects.toMatchObject({
      code: 'FUNCTION_FAILED',
    });
    expect(await deployments(on, projectId)).toHaveLength(1);
  });

  it('tells what Vercel answered where the log does not say more', async () => {
    const on = await onFake(callsOf);
    const input = await deployed(on, SILENT);
    await expect(on.run('verify-deployment', input)).rejects.toMatchObject({
      code: 'FUNCTION_FAILED',
      message: expect.stringContaining('500 FUNCTION_INVOCATION_FAILED'),
    });
  });

  it('passes other failures on', async () => {
    const denied = new ServerlessError({ code: 'PERMISSION_DENIED', message: 'No.' });
    const on = await onFake(() => ({ ...OK, verify: () => Promise.resolve(denied) }));
    const input = await deployed(on, undefined);
    await expect(on.run('verify-deployment', input)).rejects.toBe(denied);
  });

  it('tells whoever was overtaken just that, whatever failed', async () => {
    const denied = new ServerlessError({ code: 'UNAVAILABLE', message: 'It has no key.' });
    const on = await onFake(() => ({ ...OK, verify: () => Promise.reject(denied) }));
    const input = await deployed(on, undefined);
    await expect(
      on.run('verify-deployment', { ...input, expected: 'of before' }),
    ).rejects.toMatchObject({ code: 'CONFLICT' });
  });
});

describe('warming', () => {
  it('tells how many instances answered', async () => {
    const on = await onFake();
    const ref = { app: 'shop', stage: 'dev', name: 'orders' };
    expect(await on.run('warm', { ref, instances: 3 })).toEqual({ distinctInstances: 3 });
  });
});

describe('what a failed deployment is told as', () => {
  const failed = (errorCode: string, state = 'ERROR') =>
    deploymentFailure({
      id: 'dpl_1',
      host: 'h',
      state,
      createdAt: null,
      errorCode,
      errorMessage: 'It is so',
      version: '',
      madeFor: { app: 'shop', stage: 'dev', name: 'orders' },
    });

  it.each([
    ['BUILD_FAILED', 'FUNCTION_FAILED'],
    ['INVALID_VERCEL_CONFIG', 'INVALID_ARGUMENT'],
    ['exceeded_serverless_functions_per_deployment', 'QUOTA_EXCEEDED'],
    ['NOW_SANDBOX_WORKER_MAX_LAMBDA_SIZE', 'QUOTA_EXCEEDED'],
    ['INTERNAL_SERVER_ERROR', 'UNAVAILABLE'],
    ['', 'FUNCTION_FAILED'],
  ])('%j is %s', (errorCode, code) => {
    expect(failed(errorCode)).toMatchObject({
      code,
      message: expect.stringContaining('It is so.'),
    });
  });

  it('is a conflict when somebody cancelled it', () => {
    expect(failed('', 'CANCELED')).toMatchObject({ code: 'CONFLICT' });
  });
});

describe('the address of a function', () => {
  it.each([
    [[], undefined],
    [['shop-team.vercel.app', 'shop.vercel.app', 'shop.example.com'], 'shop.vercel.app'],
    [['shop-git-main-team.vercel.app', 'shop-two.vercel.app'], 'shop-two.vercel.app'],
    [['127.0.0.1:4000'], '127.0.0.1:4000'],
  ])('of %j is %s', (aliases, host) => {
    expect(originHost(aliases, 'shop')).toBe(host);
  });
});
