/** What stands in the lists of an event pattern: plain values, and match expressions such as `{ "prefix": "a" }`. */
import { invalidPattern } from './invalid-pattern.ts';
import { isList, isObject } from './json.ts';

export interface LeafTest {
  /** Whether it fits when there is no such field. */
  readonly absent: boolean;
  fits(value: unknown): boolean;
}

type Fits = (value: unknown) => boolean;

export function leafTest(item: unknown): LeafTest {
  if (isList(item))
    throw invalidPattern('Match value must be String, number, true, false, or null');
  if (!isObject(item)) return { absent: false, fits: (value) => value === item };
  const [type, argument] = Object.entries(item)[0] ?? [];
  if (type === undefined) throw invalidPattern('Empty objects are not allowed');
  if (Object.keys(item).length > 1) {
    throw invalidPattern('Only one key allowed in match expression');
  }
  if (type === 'exists') return existsTest(argument);
  const make = MATCH_TYPES.get(type);
  if (make === undefined) throw invalidPattern(`Unrecognized match type ${type}`);
  return { absent: false, fits: make(argument) };
}

function existsTest(argument: unknown): LeafTest {
  if (typeof argument !== 'boolean') {
    throw invalidPattern('exists match pattern must be either true or false.');
  }
  return { absent: !argument, fits: () => argument };
}

const MATCH_TYPES: ReadonlyMap<string, (argument: unknown) => Fits> = new Map([
  ['prefix', (argument: unknown) => affix(argument, 'prefix')],
  ['suffix', (argument: unknown) => affix(argument, 'suffix')],
  ['equals-ignore-case', equalsIgnoreCase],
  ['wildcard', wildcard],
  ['numeric', numeric],
  ['cidr', cidr],
  ['anything-but', anythingBut],
]);

function affix(argument: unknown, side: 'prefix' | 'suffix'): Fits {
  if (isObject(argument) && typeof argument['equals-ignore-case'] === 'string') {
    return textTest(side, argument['equals-ignore-case'].toLowerCase(), (text) =>
      text.toLowerCase(),
    );
  }
  if (typeof argument !== 'string') throw invalidPattern(`${side} match pattern must be a string`);
  return textTest(side, argument, (text) => text);
}

function textTest(side: 'prefix' | 'suffix', part: string, normal: (text: string) => string): Fits {
  return (value) =>
    typeof value === 'string' &&
    (side === 'prefix' ? normal(value).startsWith(part) : normal(value).endsWith(part));
}

function equalsIgnoreCase(argument: unknown): Fits {
  if (typeof argument !== 'string') {
    throw invalidPattern('equals-ignore-case match pattern must be a string');
  }
  const wanted = argument.toLowerCase();
  return (value) => typeof value === 'string' && value.toLowerCase() === wanted;
}

function wildcard(argument: unknown): Fits {
  if (typeof argument !== 'string') throw invalidPattern('wildcard match pattern must be a string');
  let source = '';
  for (let at = 0; at < argument.length; at += 1) {
    const character = argument.charAt(at);
    if (character === '*') {
      if (argument.charAt(at + 1) === '*') {
        throw invalidPattern(`Consecutive wildcard characters at pos ${at}`);
      }
      source += '[^]*';
    } else if (character === '\\') {
      at += 1;
      const escaped = argument.charAt(at);
      if (escaped !== '*' && escaped !== '\\') {
        throw invalidPattern(`Invalid escape character at pos ${at - 1}`);
      }
      source += `\\${escaped}`;
    } else {
      source += character.replace(/[.*+?^${}()|[\]\\/]/, '\\$&');
    }
  }
  const expression = new RegExp(`^${source}$`, 'u');
  return (value) => typeof value === 'string' && expression.test(value);
}

const COMPARISONS: ReadonlyMap<string, (value: number, bound: number) => boolean> = new Map([
  ['=', (value: number, bound: number) => value === bound],
  ['<', (value: number, bound: number) => value < bound],
  ['<=', (value: number, bound: number) => value <= bound],
  ['>', (value: number, bound: number) => value > bound],
  ['>=', (value: number, bound: number) => value >= bound],
]);

/** `["=", 1]`, `["<", 1]`, `[">=", 1]`, or a range: `[">", 0, "<=", 5]`. */
function numeric(argument: unknown): Fits {
  if (!isList(argument)) throw invalidPattern('Value of numeric must be an array.');
  if (argument.length === 0) throw invalidPattern('Invalid member in numeric match: ]');
  const tests: ((value: number) => boolean)[] = [];
  for (let at = 0; at < argument.length; at += 2) {
    const operator = argument[at];
    const bound = argument[at + 1];
    if (typeof operator !== 'string') {
      throw invalidPattern(`Invalid member in numeric match: ${String(operator)}`);
    }
    const compare = COMPARISONS.get(operator);
    if (compare === undefined) {
      throw invalidPattern(`Unrecognized numeric range operator: ${operator}`);
    }
    const first = argument[0];
    const endsRange = at === 2 && (first === '>' || first === '>=') && operator.startsWith('<');
    if (at > 0 && !endsRange) {
      throw invalidPattern(
        at > 2
          ? 'Too many elements in numeric expression'
          : `Bad numeric range operator: ${operator}`,
      );
    }
    if (typeof bound !== 'number') throw invalidPattern(`Value of ${operator} must be numeric`);
    tests.push((value) => compare(value, bound));
  }
  return (value) => typeof value === 'number' && tests.every((test) => test(value));
}

function cidr(argument: unknown): Fits {
  if (typeof argument !== 'string') throw invalidPattern('prefix match pattern must be a string');
  const [address, mask, ...rest] = argument.split('/');
  if (address === undefined || mask === undefined || rest.length > 0) {
    throw invalidPattern("Malformed CIDR, one '/' required");
  }
  const base = addressBits(address);
  const bits = Number(mask);
  if (base === undefined) throw invalidPattern(`Nonstandard IP address: ${address}`);
  if (!/^\d+$/.test(mask) || bits > 31) throw invalidPattern('IPv4 mask bits must be < 32');
  const size = 2 ** (32 - bits);
  return (value) => {
    const other = typeof value === 'string' ? addressBits(value) : undefined;
    return other !== undefined && Math.floor(other / size) === Math.floor(base / size);
  };
}

function addressBits(text: string): number | undefined {
  const parts = text.split('.').map(Number);
  const fits = parts.length === 4 && parts.every((part) => part >= 0 && part <= 255);
  return fits ? parts.reduce((sum, part) => sum * 256 + part, 0) : undefined;
}

const BUT_TYPES: ReadonlyMap<string, string> = new Map([
  ['prefix', 'prefix/suffix match pattern must be a string'],
  ['suffix', 'prefix/suffix match pattern must be a string'],
  ['wildcard', 'wildcard match pattern must be a string'],
  [
    'equals-ignore-case',
    'Inside anything-but/equals-ignore-case list, number|start|null|boolean is not supported.',
  ],
]);

function anythingBut(argument: unknown): Fits {
  if (isObject(argument)) {
    const [type = '', inner] = Object.entries(argument)[0] ?? [];
    const problem = BUT_TYPES.get(type);
    if (problem === undefined) throw invalidPattern(`Unsupported anything-but pattern: ${type}`);
    const items = isList(inner) ? inner : [inner];
    if (isObject(inner)) {
      throw invalidPattern('Value of anything-but must be an array or single string/number value.');
    }
    if (items.length === 0) throw invalidPattern('Empty arrays are not allowed');
    if (!items.every((item) => typeof item === 'string')) throw invalidPattern(problem);
    if (items.includes('') && type !== 'wildcard' && type !== 'equals-ignore-case') {
      throw invalidPattern('Null prefix/suffix not allowed');
    }
    const tests = items.map((item) => MATCH_TYPES.get(type)?.(item) ?? (() => false));
    return (value) => !tests.some((test) => test(value));
  }
  const items = isList(argument) ? argument : [argument];
  if (items.length === 0) throw invalidPattern('Empty arrays are not allowed');
  const kinds = new Set(items.map((item) => typeof item));
  if (kinds.size > 1 || !(kinds.has('string') || kinds.has('number'))) {
    throw invalidPattern('Value of anything-but must be an array or single string/number value.');
  }
  return (value) => !items.includes(value);
}
