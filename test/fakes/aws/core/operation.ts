/** One call of an operation, and how its input is read: what is missing or of the wrong type is refused. */
import type { Caller } from './ports.ts';
import { AwsFault, type WireRequest } from './service.ts';

export interface OperationCall {
  readonly caller: Caller;
  readonly region: string;
  readonly request: WireRequest;
}

export type Input = Readonly<Record<string, unknown>>;

/** How a service names a bad value, and what it takes. */
export interface MemberRules {
  /** Default: `ValidationException`. */
  readonly code?: string;
  /** Default: 400. */
  readonly status?: number;
  /** The least value of a number, or length of a text or list. */
  readonly min?: number;
  readonly max?: number;
  /** The whole text must match. */
  readonly pattern?: RegExp;
  readonly oneOf?: readonly string[];
}

// The query protocol has texts only; its inputs are remembered here, so that "5" is a number in them and nowhere else.
const textual = new WeakSet();

/** Marks an input whose leaves are all texts. */
export function markTextual(input: Input): void {
  textual.add(input);
}

/** The fault of a value that breaks a rule, in the words that AWS uses. */
export function invalid(
  name: string,
  value: unknown,
  constraint: string,
  rules: MemberRules = {},
): AwsFault {
  const shown = value === undefined || value === null ? 'null' : `'${show(value)}'`;
  const member = `${name.slice(0, 1).toLowerCase()}${name.slice(1)}`;
  return new AwsFault(
    rules.status ?? 400,
    rules.code ?? 'ValidationException',
    `1 validation error detected: Value ${shown} at '${member}' failed to satisfy constraint: ${constraint}`,
  );
}

function show(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function isAbsent(value: unknown): boolean {
  return value === undefined || value === null;
}

function required<Value>(
  value: Value | undefined,
  name: string,
  rules: MemberRules | undefined,
): Value {
  if (value === undefined) throw invalid(name, undefined, 'Member must not be null', rules);
  return value;
}

export function text(input: Input, name: string, rules?: MemberRules): string {
  return required(optionalText(input, name, rules), name, rules);
}

export function optionalText(
  input: Input,
  name: string,
  rules: MemberRules = {},
): string | undefined {
  const value = input[name];
  if (isAbsent(value)) return undefined;
  if (typeof value !== 'string') throw wrongType(name, value, 'a string', rules);
  checkLength(name, value, value.length, rules);
  if (rules.pattern && rules.pattern.exec(value)?.[0] !== value) {
    const constraint = `Member must satisfy regular expression pattern: ${rules.pattern.source}`;
    throw invalid(name, value, constraint, rules);
  }
  if (rules.oneOf && !rules.oneOf.includes(value)) {
    const constraint = `Member must satisfy enum value set: [${rules.oneOf.join(', ')}]`;
    throw invalid(name, value, constraint, rules);
  }
  return value;
}

/** Any number. */
export function number(input: Input, name: string, rules?: MemberRules): number {
  return required(optionalNumber(input, name, rules), name, rules);
}

export function optionalNumber(
  input: Input,
  name: string,
  rules: MemberRules = {},
): number | undefined {
  const given = input[name];
  if (isAbsent(given)) return undefined;
  const value =
    textual.has(input) && typeof given === 'string' && given !== '' ? Number(given) : given;
  if (typeof value !== 'number' || !Number.isFinite(value)) {
    throw wrongType(name, given, 'a number', rules);
  }
  if (rules.min !== undefined && value < rules.min) {
    const constraint = `Member must have value greater than or equal to ${rules.min}`;
    throw invalid(name, value, constraint, rules);
  }
  if (rules.max !== undefined && value > rules.max) {
    const constraint = `Member must have value less than or equal to ${rules.max}`;
    throw invalid(name, value, constraint, rules);
  }
  return value;
}

export function integer(input: Input, name: string, rules?: MemberRules): number {
  return required(optionalInteger(input, name, rules), name, rules);
}

export function optionalInteger(
  input: Input,
  name: string,
  rules: MemberRules = {},
): number | undefined {
  const value = optionalNumber(input, name, rules);
  if (value !== undefined && !Number.isInteger(value)) {
    throw wrongType(name, value, 'an integer', rules);
  }
  return value;
}

export function flag(input: Input, name: string, rules?: MemberRules): boolean {
  return required(optionalFlag(input, name, rules), name, rules);
}

export function optionalFlag(
  input: Input,
  name: string,
  rules: MemberRules = {},
): boolean | undefined {
  const given = input[name];
  if (isAbsent(given)) return undefined;
  if (typeof given === 'boolean') return given;
  if (textual.has(input) && (given === 'true' || given === 'false')) return given === 'true';
  throw wrongType(name, given, 'a boolean', rules);
}

export function optionalList(
  input: Input,
  name: string,
  rules: MemberRules = {},
): readonly unknown[] | undefined {
  const given = input[name];
  if (isAbsent(given)) return undefined;
  const value: unknown = textual.has(input) && given === '' ? [] : given;
  if (!Array.isArray(value)) throw wrongType(name, given, 'a list', rules);
  checkLength(name, value, value.length, rules);
  return value;
}

/** A list whose members are structures. */
export function objects(input: Input, name: string, rules?: MemberRules): readonly Input[] {
  return required(optionalObjects(input, name, rules), name, rules);
}

export function optionalObjects(
  input: Input,
  name: string,
  rules: MemberRules = {},
): readonly Input[] | undefined {
  return optionalList(input, name, rules)?.map((value) => {
    if (!isObject(value)) throw wrongType(name, value, 'a list of structures', rules);
    return value;
  });
}

/** A list whose members are texts. */
export function texts(input: Input, name: string, rules?: MemberRules): readonly string[] {
  return required(optionalTexts(input, name, rules), name, rules);
}

export function optionalTexts(
  input: Input,
  name: string,
  rules: MemberRules = {},
): readonly string[] | undefined {
  return optionalList(input, name, rules)?.map((value) => {
    if (typeof value !== 'string') throw wrongType(name, value, 'a list of strings', rules);
    return value;
  });
}

export function object(input: Input, name: string, rules?: MemberRules): Input {
  return required(optionalObject(input, name, rules), name, rules);
}

export function optionalObject(
  input: Input,
  name: string,
  rules: MemberRules = {},
): Input | undefined {
  const given = input[name];
  if (isAbsent(given)) return undefined;
  if (textual.has(input) && given === '') return {};
  if (!isObject(given)) throw wrongType(name, given, 'a structure', rules);
  return given;
}

/** A map of texts, such as tags or environment variables. */
export function optionalTextMap(
  input: Input,
  name: string,
  rules: MemberRules = {},
): Readonly<Record<string, string>> | undefined {
  const map = optionalObject(input, name, rules);
  if (map === undefined) return undefined;
  const found: Record<string, string> = {};
  for (const [key, value] of Object.entries(map)) {
    if (typeof value !== 'string') throw wrongType(`${name}.${key}`, value, 'a string', rules);
    found[key] = value;
  }
  return found;
}

export function textMap(
  input: Input,
  name: string,
  rules?: MemberRules,
): Readonly<Record<string, string>> {
  return required(optionalTextMap(input, name, rules), name, rules);
}

export function isObject(value: unknown): value is Input {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function checkLength(name: string, value: unknown, length: number, rules: MemberRules): void {
  if (rules.min !== undefined && length < rules.min) {
    const constraint = `Member must have length greater than or equal to ${rules.min}`;
    throw invalid(name, value, constraint, rules);
  }
  if (rules.max !== undefined && length > rules.max) {
    const constraint = `Member must have length less than or equal to ${rules.max}`;
    throw invalid(name, value, constraint, rules);
  }
}

function wrongType(name: string, value: unknown, wanted: string, rules: MemberRules): AwsFault {
  return new AwsFault(
    rules.status ?? 400,
    rules.code ?? 'SerializationException',
    `${name} must be ${wanted}, and is ${JSON.stringify(value)}`,
  );
}
