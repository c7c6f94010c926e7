/** A function of somebody else's, with a role that has been there for long. */
import { buffer } from 'node:stream/consumers';
import { ZipFile } from 'yazl';
import { callDirectly } from './core/direct.ts';
import type { Input } from './core/operation.ts';
import type { FakeWorld } from './world.ts';

export interface StrangeFunction {
  /** True for as long as it is as it was made. */
  untouched(): Promise<boolean>;
  remove(): Promise<void>;
}

const DAY_MS = 86_400_000;
/** What changes by itself while a function gets ready. */
const PASSING = new Set([
  'State',
  'StateReason',
  'StateReasonCode',
  'RevisionId',
  'LastUpdateStatus',
  'LastUpdateStatusReason',
  'LastUpdateStatusReasonCode',
  'RuntimeVersionConfig',
]);
const TRUST = JSON.stringify({
  Version: '2012-10-17',
  Statement: [
    { Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' },
  ],
});

export async function makeStranger(world: FakeWorld, name: string): Promise<StrangeFunction> {
  const { roles } = world.iam;
  const roleName = `stranger-${name}`.slice(0, 64);
  const role = roles.create({
    name: roleName,
    path: '/',
    trust: TRUST,
    createdAt: world.clock.now() - DAY_MS,
  });
  const lambda = (method: string, path: string, body?: Input): Promise<Input | undefined> =>
    callDirectly(world.lambdaService, { method, path, ...(body && { body }) }, world);
  const path = `/2015-03-31/functions/${name}`;

  /** What a hand that changes the function would change. */
  async function look(): Promise<string> {
    const found = await lambda('GET', path);
    const versions = await lambda('GET', `${path}/versions`);
    const aliases = await lambda('GET', `${path}/aliases`);
    const configuration = inside(found, 'Configuration');
    const lasting = Object.entries(configuration).filter(([key]) => !PASSING.has(key));
    const count = inside(versions, 'Versions');
    return JSON.stringify([lasting, found?.['Tags'], Object.keys(count).length, aliases]);
  }

  const code = 'export const handler = async () => "not yours";';
  await lambda('POST', '/2015-03-31/functions', {
    FunctionName: name,
    Role: role.arn,
    Runtime: 'nodejs24.x',
    Handler: 'index.handler',
    Code: { ZipFile: (await zipped(code)).toString('base64') },
    Tags: { owner: 'somebody-else' },
  });
  const made = await look();

  return {
    untouched: async () => (await look()) === made,
    async remove() {
      await lambda('DELETE', path);
      roles.delete(role);
    },
  };
}

function inside(value: Input | undefined, name: string): Input {
  const found = value?.[name];
  return typeof found === 'object' && found !== null ? { ...found } : {};
}

async function zipped(code: string): Promise<Buffer> {
  const zip = new ZipFile();
  zip.addBuffer(Buffer.from(code), 'index.mjs');
  zip.end();
  return buffer(zip.outputStream);
}
