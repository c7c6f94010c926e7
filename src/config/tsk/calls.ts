import { ServerlessError } from '../../errors/serverless-error.ts';
import { secret } from '../../spec/secret.ts';
import type { SecretRef } from '../../spec/types.ts';
import { type Literal, readLiteral } from './literal.ts';
import type { Scanner } from './scanner.ts';

/** What a `.tsk` text may reach outside itself. */
export interface TskWorld {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Reads a text file for `@file.read`. Throws where it may not or cannot. */
  readonly readFile: (path: string) => string;
}

/** `@env("X", default)`, `@file.read("path")` or `@secret("name")`, before it is evaluated. */
interface Call {
  readonly name: 'env' | 'file.read' | 'secret';
  readonly arguments: readonly (Literal | Call)[];
  readonly offset: number;
}

const FUNCTIONS = ['env', 'file.read', 'secret'] as const;
const HELP =
  'Known are @env("NAME"), @env("NAME", default), @file.read("path") and @secret("name").';
const MAX_NESTED_CALLS = 8;

/** True when a text in quotes is a call as a whole: `"@env('X')"`. */
export function isQuotedCall(text: string): boolean {
  return FUNCTIONS.some((name) => text.startsWith(`@${name}(`));
}

/** Reads a call at the scanner's offset, and evaluates it. */
export function readCall(scanner: Scanner, world: TskWorld): Literal | SecretRef {
  return evaluate(scanner, parseCall(scanner, 0), world);
}

function parseCall(scanner: Scanner, depth: number): Call {
  const { offset } = scanner;
  if (depth > MAX_NESTED_CALLS) scanner.refuse('calls are nested too deep. Use fewer.');
  scanner.take('@');
  const word = scanner.readWord();
  const name = FUNCTIONS.find((known) => known === word);
  if (name === undefined) {
    scanner.refuse(`unknown function. ${HELP} Put a text that begins with "@" in quotes.`, offset);
  }
  if (!scanner.take('(')) scanner.fail(`"(" after @${name}`);
  const parts: (Literal | Call)[] = [];
  scanner.skipSpace();
  while (!scanner.take(')')) {
    parts.push(scanner.here === '@' ? parseCall(scanner, depth + 1) : readLiteral(scanner));
    scanner.skipSpace();
    if (scanner.take(',')) scanner.skipSpace();
    else if (scanner.here !== ')') scanner.fail('"," or ")"');
  }
  const most = name === 'file.read' ? 1 : 2;
  if (parts.length === 0 || parts.length > most) {
    scanner.refuse(`@${name} has ${parts.length} arguments. ${HELP}`, offset);
  }
  return { name, arguments: parts, offset };
}

function evaluate(scanner: Scanner, call: Call, world: TskWorld): Literal | SecretRef {
  const [first, second] = call.arguments;
  const name =
    typeof first === 'object' && first !== null ? evaluate(scanner, first, world) : first;
  if (typeof name !== 'string' || name === '') {
    scanner.refuse(`the first argument of @${call.name} must be a text. ${HELP}`, call.offset);
  }
  const fallback = (): Literal | SecretRef | undefined =>
    typeof second === 'object' && second !== null ? evaluate(scanner, second, world) : second;
  switch (call.name) {
    case 'env':
      return readVariable(scanner, call, name, fallback, world);
    case 'file.read':
      return guarded(scanner, call, () => world.readFile(name));
    case 'secret':
      break;
  }
  const version = fallback();
  return guarded(scanner, call, () =>
    typeof version === 'string' || typeof version === 'number'
      ? secret(name, { version: `${version}` })
      : secret(name),
  );
}

function readVariable(
  scanner: Scanner,
  call: Call,
  name: string,
  fallback: () => Literal | SecretRef | undefined,
  world: TskWorld,
): Literal | SecretRef {
  const value = Object.hasOwn(world.env, name) ? world.env[name] : undefined;
  if (value !== undefined) return likeDefault(scanner, call, name, value);
  const instead = fallback();
  if (instead === undefined) {
    scanner.refuse(
      `the environment variable ${name} is not set. Set it, or give a default: @env("${name}", "...").`,
      call.offset,
    );
  }
  return instead;
}

/** Variables are texts. Where the default is a number or a switch, the variable has to be one too. */
function likeDefault(scanner: Scanner, call: Call, name: string, value: string): Literal {
  const example = call.arguments[1];
  if (typeof example === 'number') {
    const number = Number(value);
    if (value.trim() !== '' && Number.isFinite(number)) return number;
    scanner.refuse(
      `the environment variable ${name} is not a number, but its default is. Set it to a number.`,
      call.offset,
    );
  }
  if (typeof example === 'boolean') {
    if (value === 'true' || value === 'false') return value === 'true';
    scanner.refuse(
      `the environment variable ${name} is neither true nor false, but its default is. Set it to one of them.`,
      call.offset,
    );
  }
  return value;
}

function guarded<Value>(scanner: Scanner, call: Call, run: () => Value): Value {
  try {
    return run();
  } catch (cause) {
    const message = ServerlessError.isInstance(cause) ? cause.message : 'the file cannot be read.';
    return scanner.refuse(`@${call.name}: ${message}`, call.offset, cause);
  }
}
