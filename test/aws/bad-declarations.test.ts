/** Declarations that AWS's limits do not allow: refused before anything is written, but where only AWS knows. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EventSpec, FunctionSpec } from 'polyfaas';
import type { ServerlessManager } from 'polyfaas/contract';
import { zipOf } from '../support/custom-runtime.ts';
import { refusals, SECRET_KEY, SOURCE } from './support/refusals.ts';
import { createStage, type Stage } from './support/stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await createStage();
});
afterAll(() => stage[Symbol.asyncDispose]());

const { assertRefusal, assertEarly, deploying, withEvent } = refusals(() => stage);

describe('what Lambda’s limits do not allow', () => {
  it.each<readonly [string, FunctionSpec, readonly RegExp[]]>([
    [
      'an environment over 4 KB',
      { source: SOURCE, env: { BIG: 'x'.repeat(5000) } },
      [/functions\.main\.env/, /5\d{3} bytes/, /4096/, /Move/],
    ],
    [
      'a variable that Lambda sets itself',
      { source: SOURCE, env: { AWS_REGION: 'x' } },
      [/env\.AWS_REGION/, /Choose another name/],
    ],
    [
      'a variable whose name Lambda does not take',
      { source: SOURCE, env: { A: 'x' } },
      [/env\.A\b/, /letter/],
    ],
    [
      'a variable of polyfaas itself',
      { source: SOURCE, env: { POLYFAAS_APP: 'x' } },
      [/env\.POLYFAAS_APP/, /Choose another name/],
    ],
    ['too little memory', { source: SOURCE, memoryMb: 64 }, [/memoryMb/, /64/, /128/]],
    ['too much memory', { source: SOURCE, memoryMb: 20_000 }, [/memoryMb/, /20,?000/, /10,?240/]],
    [
      'a timeout too long',
      { source: SOURCE, timeoutSeconds: 901 },
      [/timeoutSeconds/, /901/, /900/],
    ],
    [
      'a layer that is none',
      { source: SOURCE, providerOptions: { aws: { layers: ['my-layer'] } } },
      [/aws\.layers\[0\]/, /arn:aws:lambda/],
    ],
    [
      'more instances kept than there may be',
      {
        source: SOURCE,
        providerOptions: {
          aws: { reservedConcurrency: 2, provisionedConcurrency: { min: 5 } },
        },
      },
      [/provisionedConcurrency\.max/, /5/, /2/],
    ],
    [
      'more instances kept than there may be, in portable words',
      { source: SOURCE, minInstances: 5, maxInstances: 2 },
      [/minInstances|maxInstances/, /5/, /2/],
    ],
    [
      'a log kept for a time that there is not',
      { source: SOURCE, providerOptions: { aws: { logRetentionDays: 31 } } },
      [/logRetentionDays/, /30/],
    ],
  ])('%s', async (_what, spec, says) => {
    await assertEarly({ code: 'INVALID_ARGUMENT', says }, deploying(spec));
  });

  it('a runtime that there is not: only AWS knows them all', async () => {
    await assertRefusal(
      { code: 'INVALID_ARGUMENT', says: [/runtime/, /ruby1\.9/] },
      deploying({ source: SOURCE, runtime: 'ruby1.9' }),
    );
  });

  it('an artifact that is too large', async () => {
    const root = await mkdtemp(join(tmpdir(), 'polyfaas-bad-'));
    try {
      // The end of a zip's directory is all that is looked at before its size is.
      const bytes = Buffer.alloc(52_500_000);
      bytes.write('PK\u0005\u0006', bytes.length - 22, 'latin1');
      await writeFile(join(root, 'large.zip'), bytes);
      await assertEarly(
        {
          code: 'PAYLOAD_TOO_LARGE',
          says: [/main/, /MB|bytes/, /artifactBucket|smaller|package|50/i],
        },
        async () => {
          const functions = { main: { artifact: './large.zip' } };
          return (await stage.manager({ root, functions })).deploy('main');
        },
      );
    } finally {
      await rm(root, { recursive: true, force: true });
    }
  });

  it('a zip that does not hold what its handler names', async () => {
    const root = await mkdtemp(join(tmpdir(), 'polyfaas-'));
    const zip = await zipOf({ 'dist/orders.mjs': 'export const handler = async () => "fine";' });
    await writeFile(join(root, 'ready.zip'), zip);
    const deploy = (handler: string | undefined) => async () => {
      const aws = handler === undefined ? {} : { handler };
      const functions = { ready: { artifact: './ready.zip', providerOptions: { aws } } };
      const manager = await stage.manager({ root, functions });
      await manager.deploy('ready');
      return (await manager.invoke('ready', null)).output;
    };
    try {
      for (const handler of [undefined, 'orders.handler', 'dist/order.handler']) {
        const name = handler ?? 'index.handler';
        await assertEarly(
          {
            code: 'INVALID_ARGUMENT',
            says: [
              /ready\.providerOptions\.aws\.handler/,
              new RegExp(`"${name}"`),
              /\.mjs"/,
              /Name/,
            ],
          },
          deploy(handler),
        );
      }
      expect(await deploy('dist/orders.handler')()).toBe('fine');
    } finally {
      await rm(root, { recursive: true });
    }
  });

  it('a schedule every 30 seconds', async () => {
    await assertEarly(
      { code: 'INVALID_ARGUMENT', says: [/events\.\S+/, /30 s/, /minute/] },
      withEvent({ type: 'schedule', every: '30 seconds' }),
    );
  });

  it.each<readonly [EventSpec, readonly RegExp[]]>([
    [{ type: 'queue', queue: 'has space' }, [/queue/, /"has space"/, /without spaces/]],
    [{ type: 'queue', queue: 'q'.repeat(81) }, [/queue/, /q{81}/, /80/]],
    [{ type: 'topic', topic: 'a.b' }, [/topic/, /"a\.b"/, /256/]],
    [{ type: 'object', bucket: 'Upper' }, [/bucket/, /"Upper"/, /lower case/]],
    [{ type: 'stream', stream: 'a/b' }, [/stream/, /"a\/b"/, /128/]],
    [{ type: 'table', table: 'ab' }, [/table/, /"ab"/, /3 to 255/]],
    [{ type: 'bus', bus: 'aws.mine' }, [/bus/, /"aws\.mine"/, /256/]],
  ])('a name that AWS does not take: %o', async (event, says) => {
    await assertEarly({ code: 'INVALID_ARGUMENT', says }, withEvent(event));
  });

  it('a name of a function that no platform takes', async () => {
    await assertEarly(
      { code: 'INVALID_ARGUMENT', says: [/Not A Name/] },
      deploying({ source: SOURCE }, 'Not A Name'),
    );
  });
});

describe('destinations of asynchronous calls', () => {
  it.each(['queue', 'topic', 'bus'] as const)('a %s that is not there', async (type) => {
    for (const field of ['onSuccess', 'onFailure'] as const) {
      await assertEarly(
        {
          code: 'NOT_FOUND',
          says: [new RegExp(`main\\.async\\.${field}: there is no ${type} "lost"`), /Make it/],
        },
        deploying({ source: SOURCE, async: { [field]: { type, name: 'lost' } } }),
      );
    }
  });

  it('a queue that keeps an order', async () => {
    await assertEarly(
      { code: 'INVALID_ARGUMENT', says: [/main\.async\.onFailure/, /"lost\.fifo"/, /standard/] },
      deploying({ source: SOURCE, async: { onFailure: { type: 'queue', name: 'lost.fifo' } } }),
    );
  });
});

describe('settings of the account', () => {
  it('are refused before anything is loaded, and none of their secrets is told', async () => {
    await assertEarly(
      {
        code: 'INVALID_ARGUMENT',
        says: [/providerOptions\.aws\.maxSockets/, /providerOptions\.aws\.profile/],
      },
      async (): Promise<ServerlessManager> =>
        stage.manager({
          functions: {},
          providerOptions: {
            aws: {
              maxSockets: 0,
              profile: 'mine',
              credentials: { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: SECRET_KEY },
            },
          },
        }),
    );
  });
});
