/** How few calls it takes. A call more is slower for everybody, and one more permission to ask for. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FunctionSpec } from 'polyfaas';
import { onFake, type OnFake } from './on-fake.ts';

const code = (answer: string): string => `export const handler = async () => '${answer}';`;
const first: FunctionSpec = { source: code('a') };

let aws: OnFake;
beforeAll(async () => {
  aws = await onFake();
});
afterAll(() => aws[Symbol.asyncDispose]());

function names(calls: readonly string[]): readonly string[] {
  // How often something is asked until it is ready depends on how long the platform takes.
  return calls.filter((call, index) => call !== calls[index - 1]);
}

describe('the calls of a deploy', () => {
  it('of a new function', async () => {
    const manager = await aws.manager({ functions: { created: first } });
    const calls = names(await aws.calls(() => manager.deploy('created')));
    expect(calls.toSorted()).toMatchInlineSnapshot(`
      [
        "iam:CreateRole",
        "iam:PutRolePolicy",
        "lambda:CreateAlias",
        "lambda:CreateFunction",
        "lambda:GetAlias",
        "lambda:GetFunction",
        "lambda:GetFunctionConfiguration",
        "lambda:GetFunctionConfiguration",
        "lambda:Invoke",
        "lambda:PublishVersion",
        "logs:CreateLogGroup",
        "logs:DescribeLogGroups",
        "logs:PutRetentionPolicy",
        "sts:GetCallerIdentity",
      ]
    `);
    expect((await manager.invoke('created', null)).output).toBe('a');
  });

  it('that changes nothing', async () => {
    const before = await aws.manager({ functions: { same: first } });
    await before.deploy('same');
    const manager = await aws.manager({ functions: { same: first } });
    const calls = await aws.calls(() => manager.deploy('same'));
    expect(calls.toSorted()).toMatchInlineSnapshot(`
      [
        "lambda:GetAlias",
        "lambda:GetFunction",
      ]
    `);
  });

  it('of other code', async () => {
    const before = await aws.manager({ functions: { changed: first } });
    await before.deploy('changed');
    const next = await aws.manager({ functions: { changed: { source: code('b') } } });
    const calls = names(await aws.calls(() => next.deploy('changed')));
    expect(calls).toMatchInlineSnapshot(`
      [
        "lambda:GetFunction",
        "lambda:GetAlias",
        "lambda:UpdateFunctionCode",
        "lambda:GetFunctionConfiguration",
        "lambda:PublishVersion",
        "lambda:GetFunctionConfiguration",
        "lambda:Invoke",
        "lambda:UpdateAlias",
      ]
    `);
    expect((await next.invoke('changed', null)).output).toBe('b');
  });

  it('of another environment', async () => {
    const before = await aws.manager({ functions: { env: first } });
    await before.deploy('env');
    const next = await aws.manager({ functions: { env: { ...first, env: { PLACE: 'x' } } } });
    const calls = names(await aws.calls(() => next.deploy('env')));
    expect(calls).toMatchInlineSnapshot(`
      [
        "lambda:GetFunction",
        "lambda:GetAlias",
        "lambda:UpdateFunctionConfiguration",
        "lambda:GetFunctionConfiguration",
        "lambda:PublishVersion",
        "lambda:GetFunctionConfiguration",
        "lambda:Invoke",
        "lambda:UpdateAlias",
      ]
    `);
  });

  it('of an event more', async () => {
    const before = await aws.manager({ functions: { events: first } });
    await before.deploy('events');
    const next = await aws.manager({
      functions: { events: { ...first, events: [{ type: 'http' }] } },
    });
    const calls = names(await aws.calls(() => next.deploy('events')));
    expect(calls).toMatchInlineSnapshot(`
      [
        "lambda:GetFunction",
        "lambda:GetAlias",
        "lambda:ListTags",
        "lambda:TagResource",
        "lambda:ListTags",
        "lambda:AddPermission",
        "lambda:CreateFunctionUrlConfig",
        "lambda:ListTags",
        "lambda:TagResource",
      ]
    `);
  });

  it('and those of a removal', async () => {
    const manager = await aws.manager({ functions: { gone: first } });
    await manager.deploy('gone');
    const calls = names(await aws.calls(() => manager.remove('gone')));
    // What is read at the same time is answered in any order.
    const reads = calls.indexOf('lambda:DeleteFunction');
    const read = new Set(calls.slice(0, reads).toSorted());
    expect([...read, ...calls.slice(reads)]).toMatchInlineSnapshot(`
      [
        "lambda:GetAlias",
        "lambda:GetFunction",
        "lambda:ListTags",
        "lambda:DeleteFunction",
        "iam:GetRole",
        "iam:DeleteRolePolicy",
        "iam:DeleteRole",
        "logs:ListTagsForResource",
        "logs:DeleteLogGroup",
      ]
    `);
    expect(aws.fake.inventory().filter((line) => line.includes('gone'))).toStrictEqual([]);
  });
});
