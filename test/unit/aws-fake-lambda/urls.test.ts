import { request } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ARN, create, failure, startAws, type SmallAws } from './support.ts';

const FunctionName = 'orders';
const Qualifier = 'live';

/** Shows the event, or does as the path says. */
const HTTP = `exports.handler = async (event) => {
  if (event.rawPath === '/throw') throw new Error('no');
  if (event.rawPath === '/plain') return { any: 'value' };
  if (event.rawPath === '/bytes') return { statusCode: 201, isBase64Encoded: true,
    headers: { 'content-type': 'application/octet-stream' }, body: Buffer.from([0, 255]).toString('base64') };
  if (event.rawPath === '/cookies') return { statusCode: 204, cookies: ['a=1; Path=/', 'b=2'] };
  if (event.rawPath === '/wrong') return { statusCode: 'x' };
  return { statusCode: 200, headers: { 'x-own': 'yes' }, body: JSON.stringify(event) };
};`;

let aws: SmallAws;
let url = '';
beforeEach(async () => {
  aws = await startAws();
  await create(aws, { Publish: true }, HTTP);
  await aws.client.createAlias({ FunctionName, Name: 'live', FunctionVersion: '1' });
  const made = await aws.client.createFunctionUrlConfig({
    FunctionName,
    Qualifier,
    AuthType: 'NONE',
  });
  url = made.FunctionUrl ?? '';
});
afterEach(() => aws.stop());

async function allow(): Promise<void> {
  await aws.client.addPermission({
    FunctionName,
    Qualifier,
    StatementId: 'url',
    Action: 'lambda:InvokeFunctionUrl',
    Principal: '*',
    FunctionUrlAuthType: 'NONE',
  });
  await aws.client.addPermission({
    FunctionName,
    Qualifier,
    StatementId: 'via-url',
    Action: 'lambda:InvokeFunction',
    Principal: '*',
    InvokedViaFunctionUrl: true,
  });
}

describe('function URLs', () => {
  it('let nobody in without both statements', async () => {
    expect((await fetch(url)).status).toBe(403);
    await allow();
    expect((await fetch(url)).status).toBe(200);
    await aws.client.removePermission({ FunctionName, Qualifier, StatementId: 'via-url' });
    expect((await fetch(url)).status).toBe(403);
  });

  it('make an event of payload format 2.0', async () => {
    await allow();
    const reply = await fetch(`${url}a%20b/c?x=1&x=2&y=%26`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'X-Own': 'v', cookie: 'a=1; b=2' },
      body: '{"a":"ü"}',
    });
    expect(reply.headers.get('x-own')).toBe('yes');
    const event: unknown = await reply.json();
    expect(event).toMatchObject({
      version: '2.0',
      routeKey: '$default',
      rawPath: '/a%20b/c',
      rawQueryString: 'x=1&x=2&y=%26',
      queryStringParameters: { x: '1,2', y: '&' },
      cookies: ['a=1', 'b=2'],
      headers: { 'x-own': 'v', 'content-type': 'application/json' },
      body: '{"a":"ü"}',
      isBase64Encoded: false,
      requestContext: {
        accountId: 'anonymous',
        stage: '$default',
        timeEpoch: aws.clock.now(),
        http: { method: 'POST', path: '/a%20b/c', protocol: 'HTTP/1.1' },
      },
    });
  });

  it('carry bytes in base64, and no body where there is none', async () => {
    await allow();
    const event: unknown = await (
      await fetch(url, { method: 'POST', body: new Uint8Array([0, 255]) })
    ).json();
    expect(event).toMatchObject({ body: 'AP8=', isBase64Encoded: true });
    expect(await (await fetch(url)).json()).not.toHaveProperty('body');
  });

  it('send back what the function answers', async () => {
    await allow();
    const bytes = await fetch(`${url}bytes`);
    expect(bytes.status).toBe(201);
    expect([...new Uint8Array(await bytes.arrayBuffer())]).toEqual([0, 255]);
    const cookies = await fetch(`${url}cookies`);
    expect(cookies.status).toBe(204);
    expect(cookies.headers.getSetCookie()).toEqual(['a=1; Path=/', 'b=2']);
    const plain = await fetch(`${url}plain`);
    expect(plain.headers.get('content-type')).toBe('application/json');
    expect(await plain.json()).toEqual({ any: 'value' });
    const head = await fetch(url, { method: 'HEAD' });
    expect([head.status, await head.text()]).toEqual([200, '']);
  });

  it('answer 502 for a failure and for an answer that is none', async () => {
    await allow();
    for (const path of ['throw', 'wrong']) expect((await fetch(url + path)).status).toBe(502);
  });

  it('answer 413 for a body of more than 6 MB', async () => {
    await allow();
    const status = await new Promise((resolve, reject) => {
      const sent = request(url, { method: 'POST' }, (reply) => {
        reply.resume();
        resolve(reply.statusCode);
      });
      sent.on('error', reject);
      sent.end(Buffer.alloc(6_300_000));
    });
    expect(status).toBe(413);
  });

  it('apply CORS themselves', async () => {
    await allow();
    const Cors = { AllowOrigins: ['https://shop.example'], AllowMethods: ['POST'], MaxAge: 60 };
    await aws.client.updateFunctionUrlConfig({ FunctionName, Qualifier, Cors });
    const headers = { origin: 'https://shop.example', 'access-control-request-method': 'POST' };
    const early = await fetch(url, { method: 'OPTIONS', headers });
    expect(early.status).toBe(204);
    expect(early.headers.get('access-control-allow-origin')).toBe('https://shop.example');
    expect(early.headers.get('access-control-max-age')).toBe('60');
    const reply = await fetch(url, { headers: { origin: 'https://evil.example' } });
    expect(reply.headers.get('access-control-allow-origin')).toBeNull();
  });

  it('are made once, read, and gone when deleted', async () => {
    const again = aws.client.createFunctionUrlConfig({ FunctionName, Qualifier, AuthType: 'NONE' });
    expect(await failure(again)).toMatchObject({ name: 'ResourceConflictException', status: 409 });
    const read = await aws.client.getFunctionUrlConfig({ FunctionName, Qualifier });
    expect(read).toMatchObject({ FunctionUrl: url, FunctionArn: `${ARN}:live`, AuthType: 'NONE' });
    const listed = await aws.client.listFunctionUrlConfigs({ FunctionName });
    expect(listed.FunctionUrlConfigs).toHaveLength(1);
    await aws.client.deleteFunctionUrlConfig({ FunctionName, Qualifier });
    await expect(fetch(url)).rejects.toThrow('fetch failed');
    expect(
      await failure(aws.client.getFunctionUrlConfig({ FunctionName, Qualifier })),
    ).toMatchObject({
      name: 'ResourceNotFoundException',
    });
    const version = aws.client.createFunctionUrlConfig({
      FunctionName,
      Qualifier: '1',
      AuthType: 'NONE',
    });
    expect(await failure(version)).toMatchObject({ name: 'InvalidParameterValueException' });
  });
});
