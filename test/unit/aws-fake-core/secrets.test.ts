import { SecretsManager } from '@aws-sdk/client-secrets-manager';
import { describe, expect, it } from 'vitest';
import { ACCOUNT, REGION, refusal, useSubject } from './support.ts';

const subject = useSubject();
const secrets = (): SecretsManager => new SecretsManager(subject().settings());

describe('Secrets Manager', () => {
  it('keeps a secret and its versions', async () => {
    const made = await secrets().createSecret({ Name: 'orders/db', SecretString: 'one' });
    expect(made.ARN).toMatch(
      new RegExp(`^arn:aws:secretsmanager:${REGION}:${ACCOUNT}:secret:orders/db-[\\w]{6}$`),
    );
    const put = await secrets().putSecretValue({ SecretId: 'orders/db', SecretString: 'two' });
    expect(put.VersionStages).toEqual(['AWSCURRENT']);
    const read = (more: object): Promise<string | undefined> =>
      secrets()
        .getSecretValue({ SecretId: made.ARN ?? '', ...more })
        .then(({ SecretString }) => SecretString);
    expect(await read({})).toBe('two');
    expect(await read({ VersionStage: 'AWSPREVIOUS' })).toBe('one');
    expect(await read({ VersionId: made.VersionId })).toBe('one');
    expect(await read({ SecretId: 'orders/db' })).toBe('two');
    const { VersionIdsToStages } = await secrets().describeSecret({ SecretId: 'orders/db' });
    expect(VersionIdsToStages).toEqual({
      [made.VersionId ?? '']: ['AWSPREVIOUS'],
      [put.VersionId ?? '']: ['AWSCURRENT'],
    });
    const unknown = read({ VersionId: '0'.repeat(32) });
    expect(await refusal(unknown)).toEqual(['ResourceNotFoundException', 400]);
  });

  it('keeps bytes', async () => {
    const SecretBinary = new Uint8Array([0, 255, 7]);
    await secrets().createSecret({ Name: 'bytes', SecretBinary });
    const read = await secrets().getSecretValue({ SecretId: 'bytes' });
    expect([...(read.SecretBinary ?? [])]).toEqual([0, 255, 7]);
    expect(read.SecretString).toBeUndefined();
  });

  it('takes the same request once', async () => {
    const wish = { Name: 'once', SecretString: 'a', ClientRequestToken: 't'.repeat(32) };
    const first = await secrets().createSecret(wish);
    expect(await secrets().createSecret(wish)).toMatchObject({ ARN: first.ARN });
    expect(await refusal(secrets().createSecret({ ...wish, SecretString: 'b' }))).toEqual([
      'ResourceExistsException',
      400,
    ]);
  });

  it('refuses what it cannot keep or find', async () => {
    expect(await refusal(secrets().getSecretValue({ SecretId: 'nothing' }))).toEqual([
      'ResourceNotFoundException',
      400,
    ]);
    expect(await refusal(secrets().createSecret({ Name: 'a b', SecretString: '' }))).toEqual([
      'InvalidParameterException',
      400,
    ]);
    const large = secrets().createSecret({ Name: 'large', SecretString: 'x'.repeat(65_537) });
    expect(await refusal(large)).toEqual(['InvalidParameterException', 400]);
  });

  it('deletes after a while, or at once', async () => {
    await secrets().createSecret({ Name: 'going', SecretString: 'a' });
    await secrets().deleteSecret({ SecretId: 'going', RecoveryWindowInDays: 7 });
    expect(await refusal(secrets().getSecretValue({ SecretId: 'going' }))).toEqual([
      'InvalidRequestException',
      400,
    ]);
    expect(await refusal(secrets().createSecret({ Name: 'going', SecretString: 'a' }))).toEqual([
      'InvalidRequestException',
      400,
    ]);
    await secrets().restoreSecret({ SecretId: 'going' });
    expect((await secrets().getSecretValue({ SecretId: 'going' })).SecretString).toBe('a');
    await secrets().deleteSecret({ SecretId: 'going', ForceDeleteWithoutRecovery: true });
    expect(await refusal(secrets().getSecretValue({ SecretId: 'going' }))).toEqual([
      'ResourceNotFoundException',
      400,
    ]);
  });

  it('takes what a test sets', async () => {
    subject().fake.world.secrets.set('set', 'one');
    subject().fake.world.secrets.set('set', 'two');
    expect((await secrets().getSecretValue({ SecretId: 'set' })).SecretString).toBe('two');
  });
});
