/** How a function, a version and a layer are named. */
import { invalid } from '../core/operation.ts';
import type { World } from '../core/ports.ts';
import { functionNotFound, invalidParameter } from './faults.ts';

export interface Reference {
  readonly name: string;
  /** A version, `$LATEST`, or an alias. */
  readonly qualifier?: string;
}

const NAME = /^[a-zA-Z0-9-_]{1,64}$/;
const QUALIFIER = /^(\$LATEST|[a-zA-Z0-9-_]{1,128})$/;
// A name, `ACCOUNT:function:NAME`, or a whole ARN, each with or without `:QUALIFIER`.
const REFERENCE =
  /^(?:arn:aws:lambda:)?(?:([a-z]{2}(?:-[a-z]+)+-\d):)?(?:(\d{12}):)?(?:function:)?([a-zA-Z0-9-_]+)(?::(\$LATEST|[a-zA-Z0-9-_]+))?$/;

export function functionArn(world: World, name: string, qualifier?: string): string {
  const arn = `arn:aws:lambda:${world.region}:${world.account}:function:${name}`;
  return qualifier === undefined ? arn : `${arn}:${qualifier}`;
}

/** Reads what stands for a function in a path, and its `Qualifier`; both may carry the qualifier, if they agree. */
export function readReference(
  world: World,
  text: string,
  qualifier: string | null | undefined,
): Reference {
  const match = REFERENCE.exec(text);
  const name = match?.[3];
  if (!match || name === undefined || !NAME.test(name)) {
    throw invalid(
      'functionName',
      text,
      `Member must satisfy regular expression pattern: ${NAME.source}`,
    );
  }
  if (
    (match[1] ?? world.region) !== world.region ||
    (match[2] ?? world.account) !== world.account
  ) {
    throw functionNotFound(text);
  }
  if (qualifier !== null && qualifier !== undefined && !QUALIFIER.test(qualifier)) {
    throw invalid(
      'qualifier',
      qualifier,
      `Member must satisfy regular expression pattern: ${QUALIFIER.source}`,
    );
  }
  const derived = match[4];
  if (derived !== undefined && qualifier && derived !== qualifier) {
    throw invalidParameter(
      'The derived qualifier from the function name does not match the specified qualifier.',
    );
  }
  const found = qualifier ?? derived;
  return found === undefined ? { name } : { name, qualifier: found };
}

export function isVersion(qualifier: string): boolean {
  return /^\d+$/.test(qualifier);
}

/** As Lambda writes times. */
export function timestamp(ms: number): string {
  return new Date(ms).toISOString().replace('Z', '+0000');
}
