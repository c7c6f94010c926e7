import { IAM } from '@aws-sdk/client-iam';
import { SecretsManager } from '@aws-sdk/client-secrets-manager';
import { STS } from '@aws-sdk/client-sts';
import { fromTemporaryCredentials } from '@aws-sdk/credential-providers';
import { describe, expect, it } from 'vitest';
import {
  ACCOUNT,
  policyOf,
  REGION,
  refusal,
  trustOf,
  useSubject,
  type Settings,
} from './support.ts';

const subject = useSubject();
const sts = (credentials?: Settings['credentials']): STS =>
  new STS(subject().settings(credentials));

async function role(name: string, condition?: object): Promise<string> {
  const made = await new IAM(subject().settings()).createRole({
    RoleName: name,
    AssumeRolePolicyDocument: JSON.stringify({
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Allow',
          Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` },
          Action: 'sts:AssumeRole',
          ...(condition && { Condition: condition }),
        },
      ],
    }),
  });
  return made.Role?.Arn ?? '';
}

async function session(RoleArn: string): Promise<Settings['credentials']> {
  const { Credentials } = await sts().assumeRole({ RoleArn, RoleSessionName: 'test' });
  return {
    accessKeyId: Credentials?.AccessKeyId ?? '',
    secretAccessKey: Credentials?.SecretAccessKey ?? '',
    sessionToken: Credentials?.SessionToken ?? '',
  };
}

describe('STS', () => {
  it('tells who calls', async () => {
    expect(await sts().getCallerIdentity({})).toMatchObject({
      Account: ACCOUNT,
      Arn: `arn:aws:iam::${ACCOUNT}:user/deployer`,
    });
  });

  it('gives sessions of roles that trust the caller, once they are known', async () => {
    const arn = await role('assumed');
    const early = sts().assumeRole({ RoleArn: arn, RoleSessionName: 'test' });
    expect(await refusal(early)).toEqual(['AccessDenied', 403]);
    await subject().clock.advance(5000);
    const credentials = await session(arn);
    expect((await sts(credentials).getCallerIdentity({})).Arn).toBe(
      `arn:aws:sts::${ACCOUNT}:assumed-role/assumed/test`,
    );
    const { sessionToken: _, ...bare } = credentials;
    expect(await refusal(sts(bare).getCallerIdentity({}))).toEqual(['InvalidClientTokenId', 403]);
    await subject().clock.advance(3_600_000);
    expect(await refusal(sts(credentials).getCallerIdentity({}))).toEqual(['ExpiredToken', 403]);
  });

  it('refuses other durations, external ids and services', async () => {
    const arn = await role('guarded', { StringEquals: { 'sts:ExternalId': 'shop' } });
    const service = await new IAM(subject().settings()).createRole({
      RoleName: 'for-lambda',
      AssumeRolePolicyDocument: trustOf('lambda.amazonaws.com'),
    });
    await subject().clock.advance(5000);
    const assume = (more: object, RoleArn = arn): Promise<unknown> =>
      sts().assumeRole({ RoleArn, RoleSessionName: 'test', ...more });
    expect(await refusal(assume({}))).toEqual(['AccessDenied', 403]);
    expect(await refusal(assume({ ExternalId: 'other' }))).toEqual(['AccessDenied', 403]);
    await expect(assume({ ExternalId: 'shop' })).resolves.toBeDefined();
    expect(await refusal(assume({ ExternalId: 'shop', DurationSeconds: 600 }))).toEqual([
      'ValidationError',
      400,
    ]);
    expect(await refusal(assume({ ExternalId: 'shop', DurationSeconds: 7200 }))).toEqual([
      'ValidationError',
      400,
    ]);
    expect(await refusal(assume({}, service.Role?.Arn))).toEqual(['AccessDenied', 403]);
    expect(await refusal(assume({}, `arn:aws:iam::${ACCOUNT}:role/nobody`))).toEqual([
      'AccessDenied',
      403,
    ]);
  });

  it('gives sessions that may do what the role may', async () => {
    const arn = await role('reader');
    const secrets = `arn:aws:secretsmanager:${REGION}:${ACCOUNT}:secret:`;
    await new IAM(subject().settings()).putRolePolicy({
      RoleName: 'reader',
      PolicyName: 'read',
      PolicyDocument: policyOf('secretsmanager:GetSecretValue', `${secrets}mine-??????`),
    });
    subject().fake.world.secrets.set('mine', 'one');
    subject().fake.world.secrets.set('yours', 'two');
    await subject().clock.advance(5000);
    const client = new SecretsManager({
      ...subject().settings(),
      credentials: fromTemporaryCredentials({
        masterCredentials: subject().fake.credentials,
        params: { RoleArn: arn, RoleSessionName: 'reading' },
        clientConfig: { region: REGION, endpoint: subject().fake.endpoint },
      }),
    });
    expect((await client.getSecretValue({ SecretId: 'mine' })).SecretString).toBe('one');
    expect(await refusal(client.getSecretValue({ SecretId: 'yours' }))).toEqual([
      'AccessDeniedException',
      400,
    ]);
    expect(await refusal(client.listSecrets({}))).toEqual(['AccessDeniedException', 400]);
  });
});
