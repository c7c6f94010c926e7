import { describe, expect, it } from 'vitest';
import { FakeTime } from '../../fakes/aws/core/clock.ts';
import { integer, object, text, texts } from '../../fakes/aws/core/operation.ts';
import { readForm } from '../../fakes/aws/core/query-protocol.ts';
import { restService, type RestRoute } from '../../fakes/aws/core/rest.ts';
import { AwsFault, type WireRequest } from '../../fakes/aws/core/service.ts';
import { Work } from '../../fakes/aws/core/work.ts';
import { child, childText, readXml, writeXml } from '../../fakes/aws/core/xml.ts';

function request(method: string, path: string, body = ''): WireRequest {
  return {
    service: 'test',
    method,
    path,
    query: new URLSearchParams(),
    headers: {},
    body: Buffer.from(body),
    region: 'eu-central-1',
    caller: { kind: 'user', arn: 'arn:aws:iam::123456789012:user/u' },
  };
}

const echo = (method: string, path: string, operation: string): RestRoute => ({
  method,
  path,
  operation,
  run: ({ params, body }) => ({ body: { operation, params, body } }),
});

describe('REST routes', () => {
  const service = restService({
    id: 'test',
    inventory: () => [],
    routes: [
      echo('GET', '/functions/{name}', 'GetFunction'),
      echo('GET', '/functions/settings', 'GetSettings'),
      echo('POST', '/functions', 'CreateFunction'),
      echo('GET', '/tags/{arn+}', 'ListTags'),
      {
        ...echo('DELETE', '/functions/{name}', 'DeleteFunction'),
        run() {
          throw new AwsFault(409, 'Conflict', 'busy', { fields: { Type: 'User' } });
        },
      },
    ],
  });
  const answer = async (method: string, path: string, body?: string): Promise<unknown> =>
    JSON.parse(String((await service.handle(request(method, path, body))).body));

  it('take the most literal path, and decode its labels', async () => {
    expect(await answer('GET', '/functions/settings')).toMatchObject({ operation: 'GetSettings' });
    expect(await answer('GET', '/functions/fn%3Alive')).toMatchObject({
      operation: 'GetFunction',
      params: { name: 'fn:live' },
    });
    expect(await answer('GET', '/tags/arn%3Aaws%2Fx/y')).toMatchObject({
      params: { arn: 'arn:aws/x/y' },
    });
    expect(await answer('POST', '/functions/', '{"a":1}')).toMatchObject({ body: { a: 1 } });
  });

  it('answer faults in the form of the protocol', async () => {
    const reply = await service.handle(request('DELETE', '/functions/f'));
    expect(reply).toMatchObject({ status: 409, headers: { 'x-amzn-errortype': 'Conflict' } });
    expect(JSON.parse(String(reply.body))).toEqual({ message: 'busy', Type: 'User' });
    expect((await service.handle(request('GET', '/nothing'))).status).toBe(404);
    expect((await service.handle(request('POST', '/functions', '[1]'))).status).toBe(400);
  });
});

describe('forms', () => {
  it('hold lists, records and structures', () => {
    const form = new URLSearchParams(
      'Action=A&Version=1&Name=n&Size=5&Tags.member.1.Key=a&Tags.member.2.Key=b&Keys.member.10=z&Keys.member.2=y' +
        '&Attributes.entry.1.key=P&Attributes.entry.1.value=1&Inner.Deep.Size=7&Empty=',
    );
    const input = readForm(form);
    expect(input).toEqual({
      Name: 'n',
      Size: '5',
      Tags: [{ Key: 'a' }, { Key: 'b' }],
      Keys: ['y', 'z'],
      Attributes: { P: '1' },
      Inner: { Deep: { Size: '7' } },
      Empty: '',
    });
    expect(integer(input, 'Size')).toBe(5);
    expect(integer(object(object(input, 'Inner'), 'Deep'), 'Size')).toBe(7);
    expect(texts(input, 'Empty')).toEqual([]);
  });
});

describe('decoders', () => {
  it('refuse what is missing, of the wrong type or out of range', () => {
    expect(() => text({}, 'Name')).toThrow("Value null at 'name'");
    expect(() => text({ Name: 5 }, 'Name')).toThrow('must be a string');
    expect(() => integer({ Size: '5' }, 'Size')).toThrow('must be a number');
    expect(() => integer({ Size: 5 }, 'Size', { max: 4 })).toThrow('less than or equal to 4');
    expect(() => text({ Name: 'a b' }, 'Name', { pattern: /\w+/, code: 'Bad' })).toThrow(
      expect.objectContaining({ code: 'Bad', status: 400 }),
    );
  });
});

describe('XML', () => {
  it('is read as it was written', () => {
    const value = { Name: 'a & <b>\r\n"c"', Item: [{ Key: 1 }, { Key: true }], None: undefined };
    const written = writeXml('Root', value, { xmlns: 'http://x/?a&b' });
    const root = readXml(`<?xml version="1.0"?>\n<!-- c -->${written}`);
    expect(root.attributes).toEqual({ xmlns: 'http://x/?a&b' });
    expect(childText(root, 'Name')).toBe('a & <b>\r\n"c"');
    expect(
      root.children.filter(({ name }) => name === 'Item').map((item) => childText(item, 'Key')),
    ).toEqual(['1', 'true']);
    expect(child(root, 'None')).toBeUndefined();
    expect(() => readXml('<a><b></a>')).toThrow(SyntaxError);
  });
});

describe('time and work', () => {
  it('fires timers in order, with what follows from them', async () => {
    const clock = new FakeTime(0);
    const fired: string[] = [];
    clock.after(20, () => fired.push(`b ${clock.now()}`));
    clock.after(10, () => {
      fired.push(`a ${clock.now()}`);
      clock.after(5, () => fired.push(`c ${clock.now()}`));
    });
    clock.after(15, () => fired.push('never'))();
    clock.after(40, () => fired.push('later'));
    await clock.advance(30);
    expect(fired).toEqual(['a 10', 'c 15', 'b 20']);
    expect(clock.now()).toBe(30);
  });

  it('waits until nothing is under way', async () => {
    const work = new Work();
    const done: string[] = [];
    work.run(async () => {
      await new Promise((resolve) => setTimeout(resolve, 5));
      work.run(() => {
        done.push('inner');
        return Promise.resolve();
      });
      done.push('outer');
    });
    expect(work.active).toBe(1);
    await work.idle();
    expect(done).toEqual(['inner', 'outer']);
  });
});
