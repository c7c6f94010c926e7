import { ServerlessError } from '../../errors/serverless-error.ts';
import { secret } from '../../spec/secret.ts';
import type { SecretRef } from '../../spec/types.ts';
import { type WrittenLiteral, WrittenNumber, readLiteral } from './literal.ts';
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
  readonly arguments: readonly Argument[];
  readonly offset: number;
}

type Argument = WrittenLiteral | Call;

const FUNCTIONS = ['env', 'file.read', 'secret'] as const;
const HELP =
  'Known are @env("NAME"), @env("NAME", default), @file.read("path") and @secret("name").';
const MAX_NESTED_CALLS = 8;

/** True when a text in quotes is a call as a whole: `"@env('X')"`. */
export function isQuotedCall(text: string): boolean {
  return FUNCTIONS.some((name) => text.startsWith(`@${name}(`));
}

/** Reads a call at the scanner's offset, and evaluates it. */
export function readCall(scanner: Scanner, world: TskWorld): WrittenLiteral | SecretRef {
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
  const parts: Argument[] = [];
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

function isCall(argument: Argument | undefined): argument is Call {
  return typeof argument === 'object' && argument !== null && !(argument instanceof WrittenNumber);
}

function evaluate(scanner: Scanner, call: Call, world: TskWorld): WrittenLiteral | SecretRef {
  const [first, second] = call.arguments;
  const name = isCall(first) ? evaluate(scanner, first, world) : first;
  if (typeof name !== 'string' || name === '') {
    scanner.refuse(`the first argument of @${call.name} must be a text. ${HELP}`, call.offset);
  }
  const fallback = (): WrittenLiteral | SecretRef | undefined =>
    isCall(second) ? evaluate(scanner, second, world) : second;
  switch (call.name) {
    case 'env':
      return readVariable(scanner, call, name, fallback, world);
    case 'file.read':
      return readFile(scanner, call, name, world);
    case 'secret':
      break;
  }
  const version = fallback();
  const written = version instanceof WrittenNumber ? version.text : version;
  return guarded(scanner, call, () =>
    typeof written === 'string' ? secret(name, { version: written }) : secret(name),
  );
}

function readFile(scanner: Scanner, call: Call, name: string, world: TskWorld): string {
  if (!isCall(call.arguments[0])) return guarded(scanner, call, () => world.readFile(name));
  try {
    return world.readFile(name);
  } catch {
    // The cause names the path, which here is what a variable or a file holds.
    return scanner.refuse(
      "@file.read: the file that the call inside names cannot be read. Name a UTF-8 file of at most 1 MB, relative to the configuration's folder.",
      call.offset,
    );
  }
}

function readVariable(
  scanner: Scanner,
  call: Call,
  name: string,
  fallback: () => WrittenLiteral | SecretRef | undefined,
  world: TskWorld,
): WrittenLiteral | SecretRef {
  const value = Object.hasOwn(world.env, name) ? world.env[name] : undefined;
  if (value !== undefined) return likeDefault(scanner, call, name, value);
  const instead = fallback();
  if (instead === undefined) {
    const example = isCall(call.arguments[0]) ? 'NAME' : name;
    scanner.refuse(
      `${variable(call, name)} is not set. Set it, or give a default: @env("${example}", "...").`,
      call.offset,
    );
  }
  return instead;
}

/** Names a variable. A name that a call gave is what a variable or a file holds, and is not shown. */
function variable(call: Call, name: string): string {
  return isCall(call.arguments[0])
    ? 'the environment variable that the call inside names'
    : `the environment variable ${name}`;
}

/** Variables are texts. Where the default is a number or a switch, the variable has to be one too. */
function likeDefault(scanner: Scanner, call: Call, name: string, value: string): WrittenLiteral {
  const example = lastDefault(call);
  if (example instanceof WrittenNumber) {
    const number = Number(value);
    if (value.trim() !== '' && Number.isFinite(number)) return new WrittenNumber(number, value);
    scanner.refuse(
      `${variable(call, name)} is not a number, but its default is. Set it to a number.`,
      call.offset,
    );
  }
  if (typeof example === 'boolean') {
    if (value === 'true' || value === 'false') return value === 'true';
    scanner.refuse(
      `${variable(call, name)} is neither true nor false, but its default is. Set it to one of them.`,
      call.offset,
    );
  }
  return value;
}

/** The literal at the end of defaults in defaults: `@env("A", @env("B", 512))` is a number as well. */
function lastDefault(call: Call): WrittenLiteral | undefined {
  const [, second] = call.arguments;
  if (!isCall(second)) return second;
  return second.name === 'env' ? lastDefault(second) : undefined;
}

function guarded<Value>(scanner: Scanner, call: Call, run: () => Value): Value {
  try {
    return run();
  } catch (cause) {
    const message = ServerlessError.isInstance(cause) ? cause.message : 'the file cannot be read.';
    return scanner.refuse(`@${call.name}: ${message}`, call.offset, cause);
  }
}
