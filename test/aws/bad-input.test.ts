/**
 * What AWS, or what there is on AWS, does not allow, and how it is refused: the right code; a message that names the
 * field or the resource, the value, and the next step; nothing written where it could be known before; and never a
 * credential.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createServerlessManager, secret, type EventSpec } from 'polyfaas';
import { createAwsProvider } from 'polyfaas/aws';
import { AWS } from '../../providers/aws/native.ts';
import { keepEnvironment } from '../support/environment.ts';
import { EVENTS_SOURCE, refusals, SECRET_KEY, SOURCE } from './support/refusals.ts';
import { createStage, type Stage } from './support/stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await createStage();
});
afterAll(() => stage[Symbol.asyncDispose]());

const { refused, assertRefusal, assertEarly, deploying, withOptions, withEvent } = refusals(
  () => stage,
);

describe('where and who', () => {
  const elsewhere = (region: string, endpoint: string) => async (): Promise<unknown> => {
    const manager = await stage.manager({
      region,
      functions: { main: { source: SOURCE } },
      limits: { maxAttempts: 1 },
      providerOptions: { aws: { endpoint } },
    });
    return manager.deploy('main');
  };

  it('an address where nobody listens', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    server.close();
    await once(server, 'close');
    await assertEarly(
      {
        code: 'UNAVAILABLE',
        says: [new RegExp(`127\\.0\\.0\\.1:${port}`), /endpoint|region|network/i],
      },
      elsewhere('atlantis-north-7', `http://127.0.0.1:${port}`),
    );
  });

  it('a region that is none', async () => {
    await assertEarly(
      { code: 'UNAVAILABLE', says: [/`region`/, /eu-central-1/, /`endpoint`/] },
      elsewhere('atlantis-north-7', 'http://lambda.atlantis-north-7.invalid'),
    );
  });

  const asWhom =
    (credentials: { accessKeyId: string; secretAccessKey: string; sessionToken?: string }) =>
    async (): Promise<unknown> => {
      const manager = await stage.manager({
        functions: { main: { source: SOURCE } },
        providerOptions: { aws: { credentials } },
      });
      return manager.deploy('main');
    };

  it('a key that AWS does not know', async () => {
    await assertEarly(
      { code: 'UNAUTHENTICATED', says: [/does not know these credentials/, /access key/] },
      asWhom({ accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: SECRET_KEY }),
    );
  });

  it('a token that has expired', async () => {
    const { sessions, roles } = stage.fake.world.iam;
    const role = roles.create({
      name: 'short',
      path: '/',
      trust:
        '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole"}]}',
    });
    const session = sessions.role(role.arn, 'me', 900);
    await stage.clock.advance(901_000);
    const error = await refused(asWhom(session));
    expect(error.code).toBe('UNAUTHENTICATED');
    expect(error.message).toMatch(/expired/);
    expect(error.message).toMatch(/aws sso login/);
    for (const value of Object.values(session)) expect(error.message).not.toContain(value);
    roles.delete(role);
  });

  it.each([
    ['no credentials at all', undefined, [/No AWS credentials/, /AWS_ACCESS_KEY_ID/]],
    [
      'a profile that there is not',
      'billing-typo',
      [
        /AWS profile "billing-typo"/,
        /providerOptions\.aws\.profile/,
        /aws configure list-profiles/,
      ],
    ],
  ])('%s', async (_what, profile, says) => {
    const restoreEnvironment = keepEnvironment();
    const names = Object.keys(process.env).filter((name) => name.startsWith('AWS_'));
    for (const name of names) delete process.env[name];
    const nowhere = join(tmpdir(), 'polyfaas-there-is-no-such-file');
    process.env['AWS_EC2_METADATA_DISABLED'] = 'true';
    process.env['AWS_SHARED_CREDENTIALS_FILE'] = nowhere;
    process.env['AWS_CONFIG_FILE'] = nowhere;
    try {
      await assertEarly({ code: 'UNAUTHENTICATED', says }, async () => {
        const aws = {
          endpoint: stage.fake.endpoint,
          ...(profile === undefined ? {} : { profile }),
        };
        const manager = await createServerlessManager(
          {
            app: 'nobody',
            region: 'eu-central',
            functions: { main: { source: SOURCE } },
            providerOptions: { aws },
          },
          { provider: createAwsProvider },
        );
        return manager.deploy('main');
      });
    } finally {
      restoreEnvironment();
    }
  });
});

describe('a role of the user’s', () => {
  it('that Lambda is not trusted with: the cause itself, when patience has ended', async () => {
    const { roles } = stage.fake.world.iam;
    const role = roles.create({
      name: 'untrusting',
      path: '/',
      trust:
        '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}',
      createdAt: 0,
    });
    const error = await assertRefusal(
      { code: 'INVALID_ARGUMENT', says: [/cannot be assumed by Lambda/, /trust policy/] },
      withOptions({ roleArn: role.arn }),
    );
    expect(error.cause).toMatchObject({ name: 'InvalidParameterValueException' });
  });

  it('that does not exist', async () => {
    await assertRefusal(
      { code: 'INVALID_ARGUMENT', says: [/cannot be assumed by Lambda/, /trust policy/] },
      withOptions({ roleArn: 'arn:aws:iam::123456789012:role/none' }),
    );
  });

  it('that is no ARN of a role', async () => {
    await assertEarly(
      { code: 'INVALID_ARGUMENT', says: [/main\.providerOptions\.aws\.roleArn/, /ARN/] },
      withOptions({ roleArn: 'my-role' }),
    );
  });
});

describe('sources of others', () => {
  it('a queue that hides messages for less time than the function may take', async () => {
    const sqs = await (await stage.manager()).native(AWS.clients)?.sqs();
    await sqs?.createQueue({ QueueName: 'hasty', Attributes: { VisibilityTimeout: '10' } });
    await assertRefusal(
      { code: 'INVALID_ARGUMENT', says: [/hasty/, /10/, /VisibilityTimeout/, /180|30/] },
      deploying({
        source: EVENTS_SOURCE,
        timeoutSeconds: 30,
        events: [{ type: 'queue', queue: 'hasty' }],
      }),
    );
  });

  it('a bucket that tells somebody else of the same objects', async () => {
    const clients = (await stage.manager()).native(AWS.clients);
    const sqs = await clients?.sqs();
    const arn = stage.fake.world.sqs.arnOf('listener');
    await sqs?.createQueue({
      QueueName: 'listener',
      Attributes: {
        Policy: JSON.stringify({
          Version: '2012-10-17',
          Statement: [
            {
              Effect: 'Allow',
              Principal: { Service: 's3.amazonaws.com' },
              Action: 'sqs:SendMessage',
              Resource: arn,
            },
          ],
        }),
      },
    });
    const s3 = await clients?.s3();
    await s3?.createBucket({
      Bucket: 'taken-pictures',
      CreateBucketConfiguration: { LocationConstraint: 'eu-central-1' },
    });
    await s3?.putBucketNotificationConfiguration({
      Bucket: 'taken-pictures',
      NotificationConfiguration: {
        QueueConfigurations: [{ Id: 'theirs', QueueArn: arn, Events: ['s3:ObjectCreated:*'] }],
      },
    });
    await assertRefusal(
      { code: 'INVALID_ARGUMENT', says: [/taken-pictures/, /"theirs"/, /prefix or suffix/] },
      withEvent({ type: 'object', bucket: 'taken-pictures' }),
    );
  });

  it.each<readonly [EventSpec, readonly RegExp[]]>([
    [{ type: 'queue', queue: 'absent' }, [/queue "absent"/, /create: true/]],
    [{ type: 'topic', topic: 'absent' }, [/topic "absent"/, /create: true/]],
    [{ type: 'object', bucket: 'absent-bucket' }, [/bucket "absent-bucket"/, /create: true/]],
    [{ type: 'stream', stream: 'absent' }, [/stream "absent"/, /create: true/]],
    [{ type: 'table', table: 'absent' }, [/table "absent"/, /create: true/]],
    [{ type: 'bus', bus: 'absent' }, [/bus "absent"/, /create: true/]],
  ])('that are not there: %o', async (event, says) => {
    await assertRefusal({ code: 'NOT_FOUND', says }, withEvent(event));
  });

  it('a secret that is not there', async () => {
    await assertRefusal(
      { code: 'NOT_FOUND', says: [/"absent\/secret"/, /Secrets Manager/, /Create it/] },
      deploying({ source: SOURCE, env: { DB: secret('absent/secret') } }),
    );
  });
});
