import { types } from 'node:util';
import { type Path, shorten } from './issues.ts';

const AWAITED = '`const { config } = await loadConfig()`';

/** What an object is that is neither a list nor plain, and what to write instead. Never says what it holds. */
export function notPlainProblem(value: object, path: Path): string {
  const isWhole = path.length === 0;
  const [what, instead] = describe(value, isWhole);
  const message = `${what} is not a plain object. ${instead}`;
  // A message about the whole stands alone, without a path in front.
  return isWhole ? message.slice(0, 1).toUpperCase() + message.slice(1) : message;
}

function describe(value: object, isWhole: boolean): readonly [what: string, instead: string] {
  if (types.isPromise(value)) {
    return ['a Promise', isWhole ? `Await it, such as ${AWAITED}.` : 'Await it.'];
  }
  if (types.isMap(value)) {
    return ['a Map', 'Write its entries as fields, such as with Object.fromEntries(map).'];
  }
  if (types.isSet(value)) return ['a Set', 'Write a list, such as [...set].'];
  const name = className(value);
  if (name === '') {
    return [
      'an object with a prototype of its own',
      'Write its fields into a plain one, inherited ones too.',
    ];
  }
  const instead =
    types.isDate(value) || name === 'URL'
      ? 'Give it as a text.'
      : 'Write its fields into a plain one, such as with { ...it }.';
  return [`an object of the class ${shorten(name, 60)}`, instead];
}

/** Empty for `Object.create(...)` and classes without a name. */
function className(value: object): string {
  const { constructor } = value;
  const name: unknown = typeof constructor === 'function' ? constructor.name : '';
  return typeof name === 'string' && name !== 'Object' ? name : '';
}
