/**
 * The roles that are made let a function do what it needs, and nothing else: shown by letting every kind of event flow
 * while the fake of IAM enforces the policies and notes each question.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ServerlessManager } from 'polyfaas/contract';
import { WILDCARD_RESOURCES } from '../../providers/aws/policy/run.ts';
import type { PolicyCheck } from '../fakes/aws/iam/index.ts';
import { parsePolicy } from '../fakes/aws/iam/policy-document.ts';
import {
  arrived,
  emitEverything,
  makeDestinations,
  untilAllIsDone,
} from './support/everything-flows.ts';
import { EVERYTHING, PLAIN_ROUTE, prepareSources } from './support/everything.ts';
import { ACCOUNT, createStage, REGION, type Stage } from './support/stage.ts';

/**
 * What the fake cannot see used, for there is neither an X-Ray nor an EC2 in it. Both lists are those of AWS's managed
 * policies `AWSXRayDaemonWriteAccess` and `AWSLambdaENIManagementAccess`.
 */
const UNSEEN: ReadonlySet<string> = new Set(
  Object.keys(WILDCARD_RESOURCES).filter((action) => /^(?:xray|ec2):/.test(action)),
);

interface Grant {
  readonly role: string;
  readonly action: string;
  readonly resource: string;
}

let stage: Stage;
let manager: ServerlessManager;
let grants: readonly Grant[];
let trusts: readonly (readonly [role: string, services: readonly string[]])[];
let deployed: readonly PolicyCheck[];
let flowed: readonly PolicyCheck[];

beforeAll(async () => {
  stage = await createStage();
  prepareSources(stage);
  await makeDestinations(stage);
  manager = await stage.manager({ functions: EVERYTHING });
  for (const name of ['pulled', 'pushed', 'route'] as const) await manager.deploy(name);
  const { iam } = stage.fake.world;
  const roles = iam.roles.all.filter(({ path }) => !path.startsWith('/aws-service-role/'));
  grants = roles.flatMap((role) =>
    [...role.inline.values()].flatMap((policy) =>
      parsePolicy(policy.written ?? '', 'identity').flatMap(({ actions, resources }) =>
        actions.flatMap((action) =>
          resources.map((resource) => ({ role: role.name, action, resource })),
        ),
      ),
    ),
  );
  trusts = roles.map((role) => [
    role.name,
    parsePolicy(role.trust.written ?? '', 'trust').flatMap(
      ({ principals }) => principals['Service'] ?? [],
    ),
  ]);
  deployed = iam.checks();
  // Until the last policies are in force.
  await stage.clock.advance(10_000);
  const before = iam.checks().length;
  await emitEverything(stage, manager);
  await untilAllIsDone(stage, manager);
  flowed = iam.checks().slice(before);
});
afterAll(() => stage[Symbol.asyncDispose]());

/** `*` and `?` as IAM reads them. */
function covers(pattern: string, resource: string): boolean {
  const text = pattern.replaceAll(/[.+^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${text.replaceAll('*', '.*').replaceAll('?', '.')}$`).test(resource);
}

function isUsed({ role, action, resource }: Grant): boolean {
  return [...deployed, ...flowed].some(
    (check) =>
      check.allowed &&
      check.roleName === role &&
      check.action === action &&
      covers(resource, check.resource),
  );
}

describe('the roles that are made', () => {
  it('let every event through', async () => {
    expect([...(await arrived(manager, 'pulled'))].toSorted()).toStrictEqual([
      'invoke',
      'queue',
      'stream',
      'table',
    ]);
    expect([...(await arrived(manager, 'pushed'))].toSorted()).toStrictEqual([
      'bus',
      'http',
      'invoke',
      'object',
      'schedule',
      'topic',
    ]);
    const { output } = await manager.invoke('pulled', 1);
    expect(output).toMatchObject({ secret: expect.any(Number) });
    expect(output).not.toMatchObject({ secret: 0 });
  });

  it('name every action', () => {
    for (const { action } of grants) expect(action).toMatch(/^[a-z0-9-]+:[A-Za-z0-9]+$/);
  });

  it('name every resource, but where AWS knows none, with the reason written down', () => {
    const wild = grants.filter(({ resource }) => resource === '*').map(({ action }) => action);
    expect(new Set(wild)).toStrictEqual(new Set(Object.keys(WILDCARD_RESOURCES)));
    for (const reason of Object.values(WILDCARD_RESOURCES)) expect(reason).toMatch(/\w.*\.$/);
    for (const { resource } of grants.filter((grant) => grant.resource !== '*')) {
      const [, , service = '', region, account] = resource.split(':');
      expect([service, region, account]).toStrictEqual([service, REGION, ACCOUNT]);
    }
  });

  it('have a wildcard inside an ARN only where the end of a name is not known beforehand', () => {
    const partly = grants
      .filter(({ resource }) => resource !== '*' && /[*?]/.test(resource))
      .map(({ action, resource }) => `${action} ${resource.replace(/^arn:aws:/, '')}`);
    expect([...new Set(partly)].toSorted()).toMatchInlineSnapshot(`
      [
        "dynamodb:DescribeStream dynamodb:eu-central-1:123456789012:table/stock/stream/*",
        "dynamodb:GetRecords dynamodb:eu-central-1:123456789012:table/stock/stream/*",
        "dynamodb:GetShardIterator dynamodb:eu-central-1:123456789012:table/stock/stream/*",
        "logs:CreateLogStream logs:eu-central-1:123456789012:log-group:/aws/lambda/shop-dev-pulled:*",
        "logs:CreateLogStream logs:eu-central-1:123456789012:log-group:/aws/lambda/shop-dev-pushed:*",
        "logs:CreateLogStream logs:eu-central-1:123456789012:log-group:/aws/lambda/shop-dev-route:*",
        "logs:PutLogEvents logs:eu-central-1:123456789012:log-group:/aws/lambda/shop-dev-pulled:*",
        "logs:PutLogEvents logs:eu-central-1:123456789012:log-group:/aws/lambda/shop-dev-pushed:*",
        "logs:PutLogEvents logs:eu-central-1:123456789012:log-group:/aws/lambda/shop-dev-route:*",
        "secretsmanager:GetSecretValue secretsmanager:eu-central-1:123456789012:secret:orders/db-??????",
      ]
    `);
  });

  it('trust exactly one service', () => {
    expect(trusts.map(([, services]) => services)).toStrictEqual(
      trusts.map(() => [expect.any(String)]),
    );
    const timers = trusts.filter(([role]) => /sched/.test(role));
    expect(new Set(timers.flatMap(([, services]) => services))).toStrictEqual(
      new Set(['scheduler.amazonaws.com']),
    );
    const functions = trusts.filter(([role]) => !/sched/.test(role));
    expect(functions).toHaveLength(3);
    expect(new Set(functions.flatMap(([, services]) => services))).toStrictEqual(
      new Set(['lambda.amazonaws.com']),
    );
  });

  it('suffice: whatever was refused before a policy had spread was allowed afterwards', () => {
    const key = ({ roleName, action, resource }: PolicyCheck) =>
      `${roleName} ${action} ${resource}`;
    const allowed = new Set(deployed.filter((check) => check.allowed).map(key));
    const refused = deployed.filter((check) => !check.allowed).map(key);
    expect(refused.filter((check) => !allowed.has(check))).toStrictEqual([]);
  });

  it('suffice: once they are in force, nothing is refused', () => {
    expect(flowed.length).toBeGreaterThan(0);
    expect(flowed.filter(({ allowed }) => !allowed)).toStrictEqual([]);
  });

  it('grant nothing that nobody asks for', () => {
    const unused = grants.filter((grant) => !UNSEEN.has(grant.action) && !isUsed(grant));
    expect(unused.map(({ action }) => action)).toStrictEqual([]);
  });

  it('go with their functions', async () => {
    for (const name of ['pulled', 'pushed', 'route'] as const) await manager.remove(name);
    const left = stage.fake.inventory().filter((line) => line.startsWith('iam role'));
    expect(left).toStrictEqual([]);
  });
});

describe('a role of the user’s', () => {
  it('is used as it is: none is made, changed, or taken away', async () => {
    const { roles } = stage.fake.world.iam;
    const role = roles.create({
      name: 'mine',
      path: '/',
      trust: JSON.stringify({
        Version: '2012-10-17',
        Statement: [
          {
            Effect: 'Allow',
            Principal: { Service: 'lambda.amazonaws.com' },
            Action: 'sts:AssumeRole',
          },
        ],
      }),
      createdAt: stage.clock.now() - 60_000,
    });
    const own = await stage.manager({
      functions: {
        own: {
          ...PLAIN_ROUTE,
          providerOptions: { aws: { roleArn: role.arn } },
        },
      },
    });
    const named = () => stage.fake.inventory().filter((line) => line.startsWith('iam role'));
    const calls = await stage.during(async () => {
      await own.deploy('own');
      expect((await own.invoke('own', 1)).output).toMatchObject({ input: 1 });
      expect(named()).toStrictEqual(['iam role mine']);
      await own.remove('own');
    });
    expect(calls.filter((call) => /^iam:(?!Get|List)/.test(call))).toStrictEqual([]);
    expect(named()).toStrictEqual(['iam role mine']);
    expect(role.inline.size).toBe(0);
  });
});
