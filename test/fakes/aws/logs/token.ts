import { badParameter } from './store.ts';

/** An opaque token of a page; it is good for the same question only. */
export function makeToken(question: string, position: string): string {
  return Buffer.from(JSON.stringify([question, position])).toString('base64url');
}

/** The position in a token. */
export function readToken(question: string, token: string): string {
  try {
    const value: unknown = JSON.parse(Buffer.from(token, 'base64url').toString('utf8'));
    if (Array.isArray(value) && value[0] === question && typeof value[1] === 'string') {
      return value[1];
    }
  } catch {
    // Told below.
  }
  throw badParameter('The specified nextToken is invalid.');
}
