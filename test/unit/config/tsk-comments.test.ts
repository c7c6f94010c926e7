import { describe, expect, it } from 'vitest';
import { parseTsk, type TskTable } from '../../../src/config/tsk/parse.ts';

const parse = (text: string): TskTable =>
  parseTsk({ file: 'a.tsk', text, env: {}, readFile: () => '' });

describe('comments', () => {
  it.each([
    ['a = abc#def', 'abc#def'],
    ['a = abc;def', 'abc;def'],
    ['a = p#a;s//s # a comment', 'p#a;s//s'],
    ['a =#fff', undefined],
    ['a = b # c', 'b'],
    ['a = b\t; c', 'b'],
    ['a = b // c', 'b'],
    ['# first\n; second\n// third\na = b', 'b'],
    ['a = "b#c;d//e"', 'b#c;d//e'],
    ['a = [b#1, c;2]', ['b#1', 'c;2']],
    ['a = {b = c#d\n e = f;g }', { b: 'c#d', e: 'f;g' }],
    ['a:\n- b#c\n- d;e # f', ['b#c', 'd;e']],
    ['a = [ # one\n1, # two\n]', [1]],
  ])('begin behind a space or with the line: %j', (text, value) => {
    if (value === undefined) expect(() => parse(text)).toThrow('in quotes');
    else expect(parse(text)['a']).toEqual(value);
  });

  it.each([
    ['a = 512;', 'a.tsk:1:8: '],
    ['a = C#', 'a.tsk:1:6: '],
    ['a = abc#;', 'a.tsk:1:9: '],
    ['a = { b = 1; c = 2\n d = 3 }', 'a.tsk:1:12: '],
    ['a = [b#, c]', 'a.tsk:1:7: '],
    ['a = [#fff\n1]', 'a.tsk:1:6: '],
    ['a = "b"#c', 'a.tsk:1:8: '],
    ['a = "b";', 'a.tsk:1:8: '],
    ['a = ["b",// c\n"d"]', 'a.tsk:1:10: '],
    ['a = { b = "c"; d = e\n f = g }', 'a.tsk:1:14: '],
    ['a#b = 1', 'a.tsk:1:2: '],
    ['[a]#b', 'a.tsk:1:4: '],
  ])('are refused where they could be a value as well: %j', (text, place) => {
    expect(() => parse(text)).toThrow(place);
    expect(() => parse(text)).toThrow('in quotes');
  });
});
