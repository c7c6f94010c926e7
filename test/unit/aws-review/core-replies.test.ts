/** What is made of replies that a healthy account does not give. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { CallContext, FunctionSummary, Step } from 'polyfaas/spi';
import { describe, expect, it } from 'vitest';
import type { AwsClients } from '../../../providers/aws/clients/index.ts';
import { classify } from '../../../providers/aws/errors.ts';
import { uploadArtifact } from '../../../providers/aws/execute/code.ts';
import { updateConfiguration } from '../../../providers/aws/execute/function.ts';
import { publishVersion, setAlias, verifyVersion } from '../../../providers/aws/execute/version.ts';
import { list } from '../../../providers/aws/list.ts';
import type { VersionConfig } from '../../../providers/aws/model.ts';
import { clientsFor } from '../aws-adapter/wire.ts';

interface Reply {
  readonly status?: number;
  readonly error?: string;
  readonly body?: object;
}

/** Answers each request by its method and path. */
async function answering<Value>(
  answer: (request: string) => Reply,
  work: (aws: AwsClients) => Promise<Value>,
): Promise<Value> {
  const server = createServer((request, response) => {
    request.resume();
    const { status = 200, error, body } = answer(`${request.method} ${request.url}`);
    response.writeHead(status, error === undefined ? {} : { 'x-amzn-errortype': error });
    response.end(request.method === 'HEAD' ? undefined : JSON.stringify(body ?? {}));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const aws = clientsFor(
    `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`,
  );
  try {
    return await work(aws);
  } finally {
    aws.close();
    server.closeAllConnections();
    server.close();
  }
}

const ref = { app: 'shop', stage: 'dev', name: 'odd' };
const target = {
  ref,
  physicalName: 'shop-dev-odd',
  functionArn: 'arn:aws:lambda:eu-central-1:123456789012:function:shop-dev-odd',
};

function stepOf(input: object): Step {
  return {
    id: 'step',
    kind: 'step',
    phase: 'publish',
    title: 'step',
    input: JSON.parse(JSON.stringify({ target, ...input })),
    locks: [],
    deadlineSeconds: 600,
  };
}

const call: CallContext = {
  signal: new AbortController().signal,
  clock: { now: () => 1000, sleep: () => Promise.resolve(), after: () => () => undefined },
  random: () => 0,
  log: { log: () => undefined },
  warn: () => undefined,
  artifacts: { get: () => Promise.reject(new Error('no artifact is needed')) },
};

const config: VersionConfig = {
  roleArn: 'arn:aws:iam::123456789012:role/r',
  description: '',
  runtime: 'nodejs24.x',
  handler: 'index.handler',
  memoryMb: 128,
  timeoutSeconds: 3,
  env: { PLACE: 'x' },
  layers: [],
  vpc: null,
  ephemeralStorageMb: 512,
  kmsKeyArn: 'arn:aws:kms:eu-central-1:123456789012:key/k',
  tracing: 'PassThrough',
  logFormat: 'Text',
  image: null,
};

/** The same, as Lambda shows it to whoever may not use the key. */
const hidden = {
  Role: config.roleArn,
  Description: '',
  Runtime: config.runtime,
  Handler: config.handler,
  MemorySize: 128,
  Timeout: 3,
  KMSKeyArn: config.kmsKeyArn,
  Environment: { Error: { ErrorCode: 'AccessDeniedException', Message: 'no key' } },
  RevisionId: 'r2',
  CodeSha256: 'c',
  State: 'Active',
};

describe('an environment whose key is out of reach', () => {
  it('does not make a deploy look like a conflict', async () => {
    const result = await answering(
      () => ({ body: { ...hidden, LastUpdateStatus: 'Successful' } }),
      (aws) =>
        updateConfiguration(aws, stepOf({ config, expected: 'r1', base: 'b' }), {
          ...call,
          resume: { settling: true },
        }),
    );
    expect(result).toMatchObject({ done: true, output: { revisionId: 'r2' } });
  });

  it('does not hide a function from the list', async () => {
    const found = await answering(
      (request) => {
        if (request.includes('/tags/')) {
          return {
            body: {
              Tags: {
                'polyfaas:app': 'shop',
                'polyfaas:stage': 'dev',
                'polyfaas:function': 'odd',
              },
            },
          };
        }
        if (request.includes('/aliases/')) return { body: { FunctionVersion: '3' } };
        return {
          body: {
            Functions: [
              { ...hidden, FunctionName: 'shop-dev-odd', FunctionArn: target.functionArn },
            ],
          },
        };
      },
      async (aws) => {
        const all: FunctionSummary[] = [];
        for await (const one of list(aws, ref, (name) => `shop-dev-${name}`, call)) all.push(one);
        return all;
      },
    );
    expect(found).toStrictEqual([{ name: 'odd', physicalName: 'shop-dev-odd', liveVersion: '3' }]);
  });
});

describe('a function that never came to be', () => {
  it('is told with the reason, and not waited for', async () => {
    const refused = answering(
      (request) =>
        request.startsWith('POST')
          ? {
              status: 409,
              error: 'ResourceConflictException',
              body: { message: 'The function is currently in the following state: Failed' },
            }
          : {
              body: {
                ...hidden,
                Environment: { Variables: config.env },
                State: 'Failed',
                StateReasonCode: 'SubnetOutOfIPAddresses',
                StateReason: 'No address is free.',
              },
            },
      (aws) => {
        const note = { version: null, digest: 'd', artifactDigest: 'a', handles: [] };
        const input = { config, note, expected: 'r1', codeSha256: 'c' };
        return publishVersion(aws, stepOf(input), call);
      },
    );
    await expect(refused).rejects.toMatchObject({
      code: 'QUOTA_EXCEEDED',
      message: expect.stringContaining('No address is free.'),
    });
  });
});

describe('an alias that Lambda is still busy with', () => {
  it('is tried again, and is no conflict', async () => {
    const note = {
      version: '1',
      digest: 'd',
      artifactDigest: 'a',
      codeSha256: 'c',
      handles: [],
      createdAt: '2026-01-01T00:00:00.000Z',
      canary: null,
    };
    const result = await answering(
      () => ({
        status: 409,
        error: 'ResourceConflictException',
        body: { message: 'The operation cannot be performed at this time.' },
      }),
      (aws) =>
        setAlias(aws, stepOf({ version: '1', share: null, note, expected: 'r1' }), {
          ...call,
        }),
    );
    expect(result).toMatchObject({ done: false });
  });
});

describe('a version that finds no free instance', () => {
  const throttle = Object.assign(new Error('Rate Exceeded.'), {
    name: 'TooManyRequestsException',
  });
  const verify = verifyVersion(() => Promise.reject(throttle));
  const input = { version: '1', hasShim: true, secrets: [] };

  it('is waited for, and then told', async () => {
    const aws = clientsFor('http://127.0.0.1:9');
    expect(await verify(aws, stepOf(input), call)).toMatchObject({ done: false });
    const late = { ...call, clock: { ...call.clock, now: () => 70_000 }, resume: { since: 1000 } };
    await expect(verify(aws, stepOf(input), late)).rejects.toMatchObject({
      code: 'RATE_LIMITED',
      message: expect.stringContaining('raise maxInstances'),
    });
    aws.close();
  });
});

describe('a bucket', () => {
  const upload = (status: number) =>
    answering(
      () => ({ status }),
      (aws) => uploadArtifact(aws, stepOf({ bucket: 'b', key: 'k', artifactDigest: 'd' }), call),
    );

  it('of another region is named as such', async () => {
    await expect(upload(301)).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringContaining('"b" is in another region'),
    });
  });

  it('of another account is named too', async () => {
    await expect(upload(403)).rejects.toMatchObject({
      code: 'PERMISSION_DENIED',
      message: expect.stringContaining('artifactBucket: the bucket "b"'),
    });
  });
});

describe('a limit', () => {
  const limited = (message: string) =>
    classify(Object.assign(new Error(message), { name: 'LimitExceededException' }));

  it('of calls at once passes, and one of things does not', () => {
    for (const message of [
      'Rate exceeded for stream orders under account 123456789012.',
      'Subscriber limit exceeded: Only 10 tables can be created, updated, or deleted simultaneously',
      'Account maximum query concurrency limit of [30] reached.',
    ]) {
      expect(limited(message)).toMatchObject({ code: 'RATE_LIMITED', retryable: true });
    }
    expect(limited('Cannot exceed quota for RolesPerAccount: 1000')).toMatchObject({
      code: 'QUOTA_EXCEEDED',
      retryable: false,
    });
  });
});
