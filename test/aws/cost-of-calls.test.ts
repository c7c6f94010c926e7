/**
 * What each operation costs on the wire, exactly and in order: a call more is slower for everybody, and one more
 * permission to ask for. How often something is polled until it is ready follows from the fake's own times.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FunctionSpec } from 'polyfaas';
import { isWrite } from '../fakes/aws/core/faults.ts';
import { createStage, type Stage } from './support/stage.ts';

const code = (answer: string): string => `export const handler = async () => '${answer}';`;
const FIRST: FunctionSpec = { source: code('a') };

let stage: Stage;
beforeAll(async () => {
  stage = await createStage();
});
afterAll(() => stage[Symbol.asyncDispose]());

/** A manager of its own for each operation: nothing is remembered of what was before. */
const fresh = (name: string, spec: FunctionSpec) => stage.manager({ functions: { [name]: spec } });

/** Sorted where they are made at the same time. */
function listed(calls: readonly string[], together: number): readonly string[] {
  return [...calls.slice(0, together).toSorted(), ...calls.slice(together)];
}

const writes = (calls: readonly string[]): readonly string[] =>
  calls.filter((call) => isWrite(call.split(':')[1] ?? ''));

describe('the calls of', () => {
  it('a function that is made', async () => {
    const manager = await fresh('created', FIRST);
    const calls = await stage.during(() => manager.deploy('created'));
    expect(listed(calls, calls.indexOf('lambda:CreateFunction'))).toMatchInlineSnapshot(`
      [
        "iam:CreateRole",
        "iam:PutRolePolicy",
        "lambda:GetAlias",
        "lambda:GetFunction",
        "logs:CreateLogGroup",
        "logs:DescribeLogGroups",
        "logs:PutRetentionPolicy",
        "sts:GetCallerIdentity",
        "lambda:CreateFunction",
        "lambda:CreateFunction",
        "lambda:CreateFunction",
        "lambda:CreateFunction",
        "lambda:GetFunctionConfiguration",
        "lambda:PublishVersion",
        "lambda:GetFunctionConfiguration",
        "lambda:GetFunctionConfiguration",
        "lambda:Invoke",
        "lambda:CreateAlias",
      ]
    `);
  });

  it('the same again', async () => {
    await (await fresh('same', FIRST)).deploy('same');
    const manager = await fresh('same', FIRST);
    const before = stage.fake.faults.writes;
    const calls = await stage.during(() => manager.deploy('same'));
    expect(stage.fake.faults.writes).toBe(before);
    expect(calls.toSorted()).toMatchInlineSnapshot(`
      [
        "lambda:GetAlias",
        "lambda:GetFunction",
      ]
    `);
    expect(writes(calls)).toStrictEqual([]);
  });

  it('the same again by the same manager', async () => {
    const manager = await fresh('twice', FIRST);
    await manager.deploy('twice');
    const calls = await stage.during(() => manager.deploy('twice'));
    expect(calls.toSorted()).toMatchInlineSnapshot(`
      [
        "lambda:GetAlias",
        "lambda:GetFunction",
      ]
    `);
  });

  it('other code', async () => {
    await (await fresh('code', FIRST)).deploy('code');
    const manager = await fresh('code', { source: code('b') });
    const calls = await stage.during(() => manager.deploy('code'));
    expect(listed(calls, 3)).toMatchInlineSnapshot(`
      [
        "lambda:GetAlias",
        "lambda:GetFunction",
        "lambda:UpdateFunctionCode",
        "lambda:GetFunctionConfiguration",
        "lambda:GetFunctionConfiguration",
        "lambda:GetFunctionConfiguration",
        "lambda:PublishVersion",
        "lambda:GetFunctionConfiguration",
        "lambda:GetFunctionConfiguration",
        "lambda:Invoke",
        "lambda:UpdateAlias",
      ]
    `);
  });

  it('another environment', async () => {
    await (await fresh('env', FIRST)).deploy('env');
    const manager = await fresh('env', { ...FIRST, env: { PLACE: 'x' } });
    const calls = await stage.during(() => manager.deploy('env'));
    expect(listed(calls, 3)).toMatchInlineSnapshot(`
      [
        "lambda:GetAlias",
        "lambda:GetFunction",
        "lambda:UpdateFunctionConfiguration",
        "lambda:GetFunctionConfiguration",
        "lambda:GetFunctionConfiguration",
        "lambda:GetFunctionConfiguration",
        "lambda:PublishVersion",
        "lambda:GetFunctionConfiguration",
        "lambda:GetFunctionConfiguration",
        "lambda:Invoke",
        "lambda:UpdateAlias",
      ]
    `);
  });

  it('an invocation', async () => {
    const manager = await fresh('called', FIRST);
    await manager.deploy('called');
    await manager.invoke('called', 1);
    expect(await stage.during(() => manager.invoke('called', 2))).toMatchInlineSnapshot(`
      [
        "lambda:Invoke",
      ]
    `);
    expect(await stage.during(() => manager.invoke('called', 2, { mode: 'async' })))
      .toMatchInlineSnapshot(`
      [
        "lambda:Invoke",
      ]
    `);
    await stage.fake.settle();
    const other = await fresh('called', FIRST);
    expect((await stage.during(() => other.invoke('called', 3))).toSorted()).toMatchInlineSnapshot(`
      [
        "lambda:GetAlias",
        "lambda:GetFunction",
        "lambda:Invoke",
      ]
    `);
    expect(await stage.during(() => other.invoke('called', 4))).toMatchInlineSnapshot(`
      [
        "lambda:Invoke",
      ]
    `);
  });

  it('three warm instances', async () => {
    await (await fresh('warm', FIRST)).deploy('warm');
    const manager = await fresh('warm', FIRST);
    const calls = await stage.during(() => manager.preWarm('warm', { instances: 3 }));
    expect(listed(calls, 3)).toMatchInlineSnapshot(`
      [
        "lambda:GetAlias",
        "lambda:GetFunction",
        "sts:GetCallerIdentity",
        "lambda:GetFunction",
        "lambda:GetAlias",
        "lambda:Invoke",
        "lambda:Invoke",
        "lambda:Invoke",
      ]
    `);
  });

  it('a rollback', async () => {
    await (await fresh('back', FIRST)).deploy('back');
    await (await fresh('back', { source: code('b') })).deploy('back');
    const manager = await fresh('back', FIRST);
    const calls = await stage.during(() => manager.rollback('back'));
    expect(listed(calls, 4)).toMatchInlineSnapshot(`
      [
        "lambda:GetAlias",
        "lambda:GetFunction",
        "lambda:ListVersionsByFunction",
        "sts:GetCallerIdentity",
        "lambda:Invoke",
        "lambda:UpdateAlias",
      ]
    `);
  });

  it('metrics', async () => {
    const manager = await fresh('measured', FIRST);
    await manager.deploy('measured');
    await manager.invoke('measured', 1);
    const calls = await stage.during(() => manager.metrics('measured', { last: '1h' }));
    expect(calls.filter((call) => call === 'monitoring:GetMetricData')).toHaveLength(1);
    expect(calls.toSorted()).toMatchInlineSnapshot(`
      [
        "lambda:GetAlias",
        "lambda:GetFunction",
        "logs:GetQueryResults",
        "logs:GetQueryResults",
        "logs:StartQuery",
        "monitoring:GetMetricData",
      ]
    `);
  });

  it('logs', async () => {
    const manager = await fresh('logged', FIRST);
    await manager.deploy('logged');
    const calls = await stage.during(async () => {
      for await (const { message } of manager.logs('logged', { last: '1h' })) void message;
    });
    expect(calls.toSorted()).toMatchInlineSnapshot(`
      [
        "lambda:GetAlias",
        "lambda:GetFunction",
        "logs:FilterLogEvents",
      ]
    `);
  });

  it('an event more, and that event less', async () => {
    const manager = await fresh('bound', FIRST);
    await manager.deploy('bound');
    const queue = { type: 'queue', id: 'q', queue: 'bound', create: true } as const;
    const added = await stage.during(() => manager.configureEvent('bound', queue));
    expect(listed(added, 2)).toMatchInlineSnapshot(`
      [
        "lambda:GetAlias",
        "lambda:GetFunction",
        "sqs:GetQueueUrl",
        "iam:GetRolePolicy",
        "iam:PutRolePolicy",
        "lambda:ListTags",
        "lambda:TagResource",
        "lambda:ListTags",
        "sqs:GetQueueUrl",
        "sqs:CreateQueue",
        "lambda:ListEventSourceMappings",
        "lambda:CreateEventSourceMapping",
        "lambda:ListTags",
        "lambda:ListEventSourceMappings",
        "lambda:CreateEventSourceMapping",
        "lambda:ListTags",
        "lambda:ListEventSourceMappings",
        "lambda:CreateEventSourceMapping",
        "lambda:GetEventSourceMapping",
        "lambda:GetEventSourceMapping",
        "lambda:ListTags",
        "lambda:TagResource",
      ]
    `);
    const again = await stage.during(() => manager.configureEvent('bound', queue));
    expect(again.toSorted()).toMatchInlineSnapshot(`
      [
        "lambda:GetAlias",
        "lambda:GetFunction",
      ]
    `);
    const removed = await stage.during(() => manager.removeEvent('bound', 'q'));
    expect(listed(removed, 2)).toMatchInlineSnapshot(`
      [
        "lambda:GetAlias",
        "lambda:GetFunction",
        "lambda:ListTags",
        "lambda:TagResource",
        "lambda:ListTags",
        "lambda:ListEventSourceMappings",
        "lambda:DeleteEventSourceMapping",
        "lambda:GetEventSourceMapping",
        "lambda:GetEventSourceMapping",
        "lambda:ListTags",
        "iam:DeleteRolePolicy",
        "lambda:ListTags",
        "lambda:TagResource",
      ]
    `);
  });

  it('a removal', async () => {
    await (await fresh('gone', FIRST)).deploy('gone');
    const manager = await fresh('gone', FIRST);
    const calls = await stage.during(() => manager.remove('gone'));
    expect(listed(calls, calls.indexOf('lambda:DeleteFunction'))).toMatchInlineSnapshot(`
      [
        "lambda:GetAlias",
        "lambda:GetFunction",
        "lambda:ListTags",
        "sts:GetCallerIdentity",
        "lambda:DeleteFunction",
        "iam:GetRole",
        "iam:DeleteRolePolicy",
        "iam:DeleteRolePolicy",
        "iam:DeleteRole",
        "logs:ListTagsForResource",
        "logs:DeleteLogGroup",
      ]
    `);
    expect(stage.fake.inventory().filter((line) => line.includes('gone'))).toStrictEqual([]);
  });
});
