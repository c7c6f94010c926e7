import { IAM } from '@aws-sdk/client-iam';
import { describe, expect, it } from 'vitest';
import { ACCOUNT, policyOf, refusal, trustOf, useSubject } from './support.ts';

const subject = useSubject();
const iam = (): IAM => new IAM(subject().settings());
const LAMBDA = 'lambda.amazonaws.com';
const BASIC = 'arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole';

async function role(name: string, trust = trustOf(LAMBDA)): Promise<string> {
  const made = await iam().createRole({ RoleName: name, AssumeRolePolicyDocument: trust });
  return made.Role?.Arn ?? '';
}

describe('roles', () => {
  it('are made, read back and deleted', async () => {
    const made = await iam().createRole({
      RoleName: 'shop-orders',
      Path: '/polyfaas/',
      Description: 'a & b < c',
      MaxSessionDuration: 7200,
      AssumeRolePolicyDocument: trustOf(LAMBDA),
      Tags: [{ Key: 'polyfaas:app', Value: 'shop' }],
    });
    expect(made.Role?.Arn).toBe(`arn:aws:iam::${ACCOUNT}:role/polyfaas/shop-orders`);
    const { Role } = await iam().getRole({ RoleName: 'shop-orders' });
    expect(Role).toMatchObject({
      RoleName: 'shop-orders',
      Description: 'a & b < c',
      MaxSessionDuration: 7200,
      CreateDate: new Date(subject().clock.now()),
      Tags: [{ Key: 'polyfaas:app', Value: 'shop' }],
    });
    expect(decodeURIComponent(Role?.AssumeRolePolicyDocument ?? '')).toBe(trustOf(LAMBDA));
    await iam().deleteRole({ RoleName: 'shop-orders' });
    expect(await refusal(iam().getRole({ RoleName: 'shop-orders' }))).toEqual([
      'NoSuchEntityException',
      404,
    ]);
  });

  it('are refused twice, with a bad name, a bad document and a bad duration', async () => {
    await role('twice');
    expect(await refusal(role('Twice'))).toEqual(['EntityAlreadyExistsException', 409]);
    expect(await refusal(role('a b'))).toEqual(['ValidationError', 400]);
    expect(await refusal(role('x'.repeat(65)))).toEqual(['ValidationError', 400]);
    for (const document of ['no json', '{}', policyOf('s3:*', '*')]) {
      expect(await refusal(role('bad', document))).toEqual([
        'MalformedPolicyDocumentException',
        400,
      ]);
    }
    const call = iam().createRole({
      RoleName: 'bad',
      AssumeRolePolicyDocument: trustOf(LAMBDA),
      MaxSessionDuration: 60,
    });
    expect(await refusal(call)).toEqual(['ValidationError', 400]);
  });

  it('with policies are not deleted', async () => {
    await role('kept');
    const RoleName = 'kept';
    await iam().putRolePolicy({ RoleName, PolicyName: 'p', PolicyDocument: policyOf('s3:*', '*') });
    await iam().attachRolePolicy({ RoleName, PolicyArn: BASIC });
    expect(await refusal(iam().deleteRole({ RoleName }))).toEqual(['DeleteConflictException', 409]);
    await iam().detachRolePolicy({ RoleName, PolicyArn: BASIC });
    expect(await refusal(iam().deleteRole({ RoleName }))).toEqual(['DeleteConflictException', 409]);
    await iam().deleteRolePolicy({ RoleName, PolicyName: 'p' });
    await iam().deleteRole({ RoleName });
  });

  it('are listed page by page, and tagged', async () => {
    for (const name of ['page-1', 'page-2', 'page-3']) await role(name);
    const first = await iam().listRoles({ MaxItems: 2 });
    expect(first).toMatchObject({ IsTruncated: true });
    expect(first.Roles).toHaveLength(2);
    const names = [];
    let Marker: string | undefined;
    do {
      const page = await iam().listRoles({ MaxItems: 2, ...(Marker && { Marker }) });
      names.push(...(page.Roles ?? []).map(({ RoleName }) => RoleName));
      Marker = page.Marker;
    } while (Marker);
    expect(names).toEqual(expect.arrayContaining(['page-1', 'page-2', 'page-3']));

    await iam().tagRole({
      RoleName: 'page-1',
      Tags: [
        { Key: 'a', Value: '1' },
        { Key: 'b', Value: '' },
      ],
    });
    await iam().untagRole({ RoleName: 'page-1', TagKeys: ['a'] });
    expect((await iam().listRoleTags({ RoleName: 'page-1' })).Tags).toEqual([
      { Key: 'b', Value: '' },
    ]);
  });
});

describe('policies of a role', () => {
  it('are read back encoded, listed, and limited', async () => {
    await role('limits');
    const RoleName = 'limits';
    const PolicyDocument = policyOf('sqs:SendMessage', 'arn:aws:sqs:*:*:a');
    await iam().putRolePolicy({ RoleName, PolicyName: 'one', PolicyDocument });
    const read = await iam().getRolePolicy({ RoleName, PolicyName: 'one' });
    expect(decodeURIComponent(read.PolicyDocument ?? '')).toBe(PolicyDocument);
    expect((await iam().listRolePolicies({ RoleName })).PolicyNames).toEqual(['one']);
    expect(await refusal(iam().getRolePolicy({ RoleName, PolicyName: 'two' }))).toEqual([
      'NoSuchEntityException',
      404,
    ]);
    const long = policyOf(
      's3:*',
      Array.from({ length: 400 }, (_, n) => `arn:aws:s3:::bucket-${n}/some-prefix/*`),
    );
    const put = iam().putRolePolicy({ RoleName, PolicyName: 'two', PolicyDocument: long });
    expect(await refusal(put)).toEqual(['LimitExceededException', 409]);
    for (const document of [
      policyOf('SendMessage', '*'),
      policyOf('sqs:*', 'queue'),
      policyOf('sqs:*', '*', { Sid: 'no-hyphens' }),
      policyOf('sqs:*', '*', { Principal: '*' }),
      policyOf('sqs:*', '*', { Wrong: 1 }),
    ]) {
      const bad = iam().putRolePolicy({ RoleName, PolicyName: 'two', PolicyDocument: document });
      expect(await refusal(bad)).toEqual(['MalformedPolicyDocumentException', 400]);
    }
  });

  it('may be managed ones that exist', async () => {
    await role('managed');
    const RoleName = 'managed';
    await iam().attachRolePolicy({ RoleName, PolicyArn: BASIC });
    await iam().attachRolePolicy({ RoleName, PolicyArn: BASIC });
    expect((await iam().listAttachedRolePolicies({ RoleName })).AttachedPolicies).toEqual([
      { PolicyName: 'AWSLambdaBasicExecutionRole', PolicyArn: BASIC },
    ]);
    const call = iam().attachRolePolicy({ RoleName, PolicyArn: `${BASIC}Not` });
    expect(await refusal(call)).toEqual(['NoSuchEntityException', 404]);
  });
});

describe('what policies come to', () => {
  it('takes its time to spread', async () => {
    const { fake, clock } = subject();
    const arn = await role('spreading');
    const allows = (): boolean =>
      fake.world.iam.roleAllows(arn, 'sqs:SendMessage', 'arn:aws:sqs:::a');
    await iam().putRolePolicy({
      RoleName: 'spreading',
      PolicyName: 'p',
      PolicyDocument: policyOf('sqs:Send*', '*'),
    });
    expect(fake.world.iam.canAssume(arn, LAMBDA)).toBe(false);
    expect(allows()).toBe(false);
    await clock.advance(2000);
    expect(allows()).toBe(true);
    await clock.advance(2999);
    expect(fake.world.iam.canAssume(arn, LAMBDA)).toBe(false);
    await clock.advance(1);
    expect(fake.world.iam.canAssume(arn, LAMBDA)).toBe(true);
    expect(fake.world.iam.canAssume(arn, 'scheduler.amazonaws.com')).toBe(false);

    await iam().deleteRolePolicy({ RoleName: 'spreading', PolicyName: 'p' });
    expect(allows()).toBe(true);
    await clock.advance(2000);
    expect(allows()).toBe(false);
    expect(fake.world.iam.checks().at(-1)).toEqual({
      roleName: 'spreading',
      action: 'sqs:SendMessage',
      resource: 'arn:aws:sqs:::a',
      allowed: false,
    });
    await iam().updateAssumeRolePolicy({
      RoleName: 'spreading',
      PolicyDocument: trustOf('scheduler.amazonaws.com'),
    });
    await clock.advance(2000);
    expect(fake.world.iam.canAssume(arn, 'scheduler.amazonaws.com')).toBe(true);
    expect(fake.world.iam.canAssume(arn, LAMBDA)).toBe(false);
  });

  it('knows wildcards, denials and conditions', async () => {
    const { fake, clock } = subject();
    const arn = await role('deciding');
    await iam().putRolePolicy({
      RoleName: 'deciding',
      PolicyName: 'p',
      PolicyDocument: JSON.stringify({
        Version: '2012-10-17',
        Statement: [
          { Effect: 'Allow', Action: ['s3:Get*', 'S3:PutObject'], Resource: 'arn:aws:s3:::b/?/*' },
          { Effect: 'Deny', Action: 's3:*', Resource: 'arn:aws:s3:::b/x/*' },
          {
            Effect: 'Allow',
            Action: 'iam:PassRole',
            Resource: '*',
            Condition: {
              StringEquals: { 'iam:PassedToService': [LAMBDA, 'scheduler.amazonaws.com'] },
            },
          },
          {
            Effect: 'Allow',
            Action: 'sqs:SendMessage',
            Resource: '*',
            Condition: { ArnLike: { 'aws:SourceArn': 'arn:aws:events:*:*:rule/*' } },
          },
        ],
      }),
    });
    await clock.advance(2000);
    const { iam: port } = fake.world;
    expect(port.roleAllows(arn, 's3:GetObject', 'arn:aws:s3:::b/a/key')).toBe(true);
    expect(port.roleAllows(arn, 's3:putobject', 'arn:aws:s3:::b/a/key')).toBe(true);
    expect(port.roleAllows(arn, 's3:GetObject', 'arn:aws:s3:::b/ab/key')).toBe(false);
    expect(port.roleAllows(arn, 's3:GetObject', 'arn:aws:s3:::b/x/key')).toBe(false);
    expect(port.roleAllows(arn, 's3:DeleteObject', 'arn:aws:s3:::b/a/key')).toBe(false);
    expect(port.roleAllows(arn, 'iam:PassRole', '*')).toBe(false);
    expect(port.roleAllows(arn, 'iam:PassRole', '*', { 'iam:passedtoservice': LAMBDA })).toBe(true);
    const context = { 'aws:sourcearn': `arn:aws:events:eu-central-1:${ACCOUNT}:rule/r` };
    expect(port.roleAllows(arn, 'sqs:SendMessage', 'arn:aws:sqs:::q', context)).toBe(true);
  });
});

describe('service-linked roles', () => {
  it('are made once, and are no resource of the deployer', async () => {
    const AWSServiceName = 'lambda.application-autoscaling.amazonaws.com';
    const made = await iam().createServiceLinkedRole({ AWSServiceName });
    expect(made.Role?.Path).toBe(`/aws-service-role/${AWSServiceName}/`);
    expect(await refusal(iam().createServiceLinkedRole({ AWSServiceName }))).toEqual([
      'InvalidInputException',
      400,
    ]);
    expect(subject().fake.inventory().join('\n')).not.toContain('AutoScaling');
    const unknown = iam().createServiceLinkedRole({ AWSServiceName: 'x.amazonaws.com' });
    expect(await refusal(unknown)).toEqual(['InvalidInputException', 400]);
  });
});
