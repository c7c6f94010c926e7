/** Who brings a role of their own, and may do nothing with roles but hand that one on. */
import { IAM } from '@aws-sdk/client-iam';
import { expect, it } from 'vitest';
import { onFake } from '../unit/aws-adapter/on-fake.ts';

const ECHO = 'export default { invoke: (input) => input };';

it('deploys, invokes and removes without a right to read or change roles', async () => {
  await using aws = await onFake();
  const iam = new IAM({
    region: 'eu-central-1',
    endpoint: aws.fake.endpoint,
    credentials: aws.fake.observer,
  });
  const role = async (name: string, principal: object, actions: readonly string[]) => {
    const statement = { Effect: 'Allow', Principal: principal, Action: 'sts:AssumeRole' };
    const policy = [{ Effect: 'Allow', Action: actions, Resource: '*' }];
    const { Role } = await iam.createRole({
      RoleName: name,
      AssumeRolePolicyDocument: JSON.stringify({ Version: '2012-10-17', Statement: [statement] }),
    });
    await iam.putRolePolicy({
      RoleName: name,
      PolicyName: 'all',
      PolicyDocument: JSON.stringify({ Version: '2012-10-17', Statement: policy }),
    });
    return Role?.Arn ?? '';
  };
  const logs = ['logs:CreateLogStream', 'logs:PutLogEvents'];
  const execution = await role('theirs', { Service: 'lambda.amazonaws.com' }, logs);
  const deployer = await role('deployer', { AWS: '*' }, ['lambda:*', 'logs:*', 'iam:PassRole']);
  await aws.clock.advance(10_000);

  const manager = await aws.manager({
    functions: { echo: { source: ECHO, providerOptions: { aws: { roleArn: execution } } } },
    providerOptions: { aws: { assumeRole: { roleArn: deployer } } },
  });
  await manager.deploy('echo');
  expect((await manager.invoke('echo', 7)).output).toBe(7);
  expect((await manager.plan('echo', { drift: 'full' })).steps).toEqual([]);
  expect(await manager.remove('echo')).toEqual({ removed: true, warnings: [] });
  expect(aws.warnings).toEqual([]);
  // What may be left of a function that is gone cannot be searched for, and that is told.
  const message = expect.stringMatching(/HTTP APIs.*roles.*rules of EventBridge.*schedules/);
  expect(await manager.remove('echo')).toMatchObject({ removed: false, warnings: [{ message }] });
  expect(aws.warnings).toEqual([message]);
  expect(aws.fake.inventory().filter((line) => !line.startsWith('iam '))).toEqual([]);
  iam.destroy();
});
