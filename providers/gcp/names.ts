/** Names on Google Cloud. */
import { createHash } from 'node:crypto';
import { physicalName, type FunctionRef, type NameRule } from 'polyfaas/spi';
import { FUNCTION_NAME } from './limits.ts';

/** Ids of service accounts: 6 to 30 characters (IAM). */
export const SERVICE_ACCOUNT_NAME: NameRule = {
  maxLength: 30,
  characters: 'a-z0-9-',
  startsWithLetter: true,
  globallyUnique: true,
};

/** What the name of a settings secret begins with; the rest is the function's. */
export const SECRET_PREFIX = 'polyfaas-';

/** Ids of secrets, topics, subscriptions: at most 255 characters. What is ours begins with `polyfaas-`. */
export function functionId(ref: FunctionRef): string {
  return physicalName(ref, FUNCTION_NAME);
}

export function serviceAccountId(ref: FunctionRef): string {
  return physicalName(ref, SERVICE_ACCOUNT_NAME);
}

/** What a resource without labels says of its owner. */
export function ownerText({ app, stage, name }: FunctionRef): string {
  return `polyfaas ${app}/${stage}/${name}`;
}

/** The tag of a version's revision in the traffic of its service: `v` and the version. */
export function tagOf(version: string): string {
  return `v${version}`;
}

/** Values of labels: lower case, at most 63 characters. What had to be changed gets a hash, so that no two are alike. */
export function labelValue(text: string): string {
  if (/^[a-z0-9_-]{1,63}$/.test(text)) return text;
  const hash = createHash('sha256').update(text).digest('hex').slice(0, 8);
  const readable = text.toLowerCase().replaceAll(/[^a-z0-9_-]+/g, '-');
  return `${readable.slice(0, 54)}-${hash}`;
}
