import { describe, expect, it } from 'vitest';
import { platformSettings } from '../../../providers/local/options.ts';
import { send } from '../local-gateway/support.ts';
import { answering, newShop } from './shop.ts';

const settingsOf = (local: object) => platformSettings(local, '/root');

describe('the host names that the gateway is told of', () => {
  it('are let in however they are spelt', async () => {
    const manager = await newShop().open(
      { hello: { ...answering('one'), events: [{ type: 'http' }] } },
      { local: { allowedHosts: ['MY.Test.', 'bücher.test', '2001:DB8:0::1', '[2001:db8::2]'] } },
    );
    const { url } = await manager.deploy('hello');
    const { port, pathname } = new URL(url ?? '');
    const ask = async (host: string): Promise<number> =>
      (await send(Number(port), pathname, { headers: { host } })).status;
    for (const host of [
      'my.test',
      'My.test.:8080',
      'xn--bcher-kva.test',
      '[2001:db8::1]',
      '[2001:db8::2]:80',
    ]) {
      expect([host, await ask(host)]).toEqual([host, 200]);
    }
    expect(await ask('a.my.test')).toBe(421);
  });

  it.each([
    ['my.test:8080', ' has a port, which the names are compared without. Give "my.test".'],
    ['[::1]:80', ' has a port, which the names are compared without. Give "[::1]".'],
    ['http://my.test', ' is an address. Give its name alone, "my.test".'],
    ['https://My.test:8080/a', ' is an address. Give its name alone, "my.test".'],
    ['*.my.test', ' is a pattern, and there is none but "*", for all names. Give each name.'],
    ['.my.test', ' is a pattern, and there is none but "*", for all names. Give each name.'],
    ['', ' is no host name. Give one such as "my.test", or "*" for all names.'],
    ['my test', ' is no host name. Give one such as "my.test", or "*" for all names.'],
    ['my.test/a', ' is no host name. Give one such as "my.test", or "*" for all names.'],
    ['a..test', ' is no host name. Give one such as "my.test", or "*" for all names.'],
    ['http://', ' is no host name. Give one such as "my.test", or "*" for all names.'],
  ])('and could never match are refused: %j', (name, says) => {
    expect(() => settingsOf({ allowedHosts: ['my.test', name] })).toThrow(
      `providerOptions.local.allowedHosts[1]: ${JSON.stringify(name)}${says}`,
    );
  });

  it('may be all, by a star', () => {
    expect(settingsOf({ allowedHosts: ['*'] }).allowedHosts).toEqual(['*']);
  });

  it('may be an address in brackets to listen on, as in a URL', () => {
    expect(settingsOf({ host: '[::1]' }).host).toBe('::1');
    expect(settingsOf({ host: '127.0.0.1' }).host).toBe('127.0.0.1');
  });
});
