import { describe, expect, it } from 'vitest';
import { parseTsk, type TskTable } from '../../../src/config/tsk/parse.ts';

const parse = (text: string): TskTable =>
  parseTsk({ file: 'a.tsk', text, env: {}, readFile: () => '' });

describe('indentation', () => {
  const events = {
    a: {
      events: [
        { type: 'http', path: '/x' },
        { type: 'queue', queue: 'q' },
      ],
    },
  };

  it.each([
    [
      'tabs, aligned by spaces',
      '\t\t- type: http\n\t\t  path: /x\n\t\t- type: queue\n\t\t  queue: q',
    ],
    ['tabs only', '\t\t-\ttype: http\n\t\t\tpath: /x\n\t\t-\ttype: queue\n\t\t\tqueue: q'],
    ['tabs at the key', '\t- type: http\n\t  path: /x\n\t- type: queue\n\t  queue: q'],
    [
      'the dash alone',
      '\t\t-\n\t\t\ttype: http\n\t\t\tpath: /x\n\t\t-\n\t\t\ttype: queue\n\t\t\tqueue: q',
    ],
  ])('may be of tabs in lists of blocks: %s', (_, list) => {
    expect(parse(`a:\n\tevents:\n${list}`)).toEqual(events);
  });

  it('goes deeper, and back, below an item of a list', () => {
    const text = `a:
\t- b:
\t    c: 1
\t    d:
\t    - e
\t  f: 2
\t- - x
\t  - y
\tg: 3`;
    expect(() => parse(text)).toThrow('a.tsk:9:2: ');
    expect(parse(text.replace('\n\tg', '\ng'))).toEqual({
      a: [{ b: { c: 1, d: ['e'] }, f: 2 }, ['x', 'y']],
      g: 3,
    });
  });

  it('may differ from block to block', () => {
    expect(parse('a:\n\tb: 1\nc:\n  d: 2')).toEqual({ a: { b: 1 }, c: { d: 2 } });
  });

  it.each([
    ['a:\n \tb: 1', 'a.tsk:2:3: the indentation has a tab behind spaces.'],
    ['a:\n\tb:\n\t\tc: 1\n  d: 2', 'a.tsk:4:3: the indentation cannot be compared'],
    ['a:\n  b: 1\n\tc: 2', 'a.tsk:3:2: the indentation cannot be compared'],
    ['a:\n\t- b: 1\n\t\tc: 2', 'a.tsk:3:3: the indentation cannot be compared'],
    ['a:\n\t- b: 1\n\t c: 2', 'a.tsk:3:3: found a word, expected an entry'],
  ])('is refused where it says two things: %j', (text, message) => {
    expect(() => parse(text)).toThrow(message);
  });
});
