/** Microsoft Entra ID: tokens, and the credentials that ask for them. */
import { createHmac, randomBytes } from 'node:crypto';
import { audienceOf } from './audiences.ts';
import { guidOf } from './guid.ts';
import type { Caller, IdentityPort } from './ports.ts';

/** The form of `TokenCredential` of `@azure/core-auth`. */
export interface FakeCredential {
  getToken(scopes: string | string[]): Promise<{ token: string; expiresOnTimestamp: number }>;
}

interface Token {
  readonly caller: Caller;
  readonly audience: string;
  readonly endsAt: number;
}

const HOUR_MS = 3_600_000;

/** What the identity needs of the managed identities that there are. */
export type IdentityLookup = IdentityPort['identityOf'];

export class Identity implements IdentityPort {
  readonly deployer: Caller = { kind: 'deployer', principalId: guidOf('principal deployer') };
  readonly observer: Caller = { kind: 'observer', principalId: guidOf('principal observer') };
  readonly #tokens = new Map<string, Token>();
  readonly #key = randomBytes(32);
  readonly #lookup: IdentityLookup;
  readonly #now: () => number;

  /** @param now tokens end by the machine's own time: SDKs and functions that keep them know no other */
  constructor(lookup: IdentityLookup, now: () => number = Date.now) {
    this.#lookup = lookup;
    this.#now = now;
  }

  issue(caller: Caller, audience: string): string {
    const token = randomBytes(24).toString('base64url');
    this.#tokens.set(token, { caller, audience, endsAt: this.endOf(caller) });
    return token;
  }

  /** When a token that is issued now ends. Those of managed identities are good for a day. */
  endOf(caller: Caller): number {
    return this.#now() + (caller.kind === 'identity' ? 24 : 1) * HOUR_MS;
  }

  callerOf(token: string, audience: string): Caller | undefined {
    const found = this.#tokens.get(token);
    if (!found || found.audience !== audience) return undefined;
    return found.endsAt > this.#now() ? found.caller : undefined;
  }

  identityOf(
    resourceId: string,
  ): { readonly principalId: string; readonly clientId: string } | undefined {
    return this.#lookup(resourceId);
  }

  headerFor(identities: Readonly<Record<string, string>>): string {
    const body = Buffer.from(JSON.stringify(identities)).toString('base64url');
    return `${body}.${this.#sign(body)}`;
  }

  /** The identities, client id to principal id, that a header is for; undefined when it is none of ours. */
  identitiesOf(header: string): ReadonlyMap<string, string> | undefined {
    const [body = '', signature] = header.split('.');
    if (signature !== this.#sign(body)) return undefined;
    const value: unknown = JSON.parse(Buffer.from(body, 'base64url').toString());
    const pairs = Object.entries(typeof value === 'object' && value ? value : {});
    return new Map(pairs.map(([clientId, principalId]) => [clientId, String(principalId)]));
  }

  /** Rejects, as Microsoft Entra ID does, for a scope that is no resource's. */
  credentialOf(caller: Caller): FakeCredential {
    return {
      getToken: (scopes) => {
        const [scope = '', ...more] = Array.isArray(scopes) ? scopes : [scopes];
        const audience = audienceOf(scope);
        if (audience === undefined || more.length > 0 || !scope.endsWith('/.default')) {
          const asked = [scope, ...more].join(' ');
          const message = `AADSTS70011: The provided value for the input parameter 'scope' is not valid. The scope ${asked} is not valid.`;
          return Promise.reject(new Error(message));
        }
        const token = this.issue(caller, audience);
        return Promise.resolve({ token, expiresOnTimestamp: this.endOf(caller) });
      },
    };
  }

  #sign(body: string): string {
    return createHmac('sha256', this.#key).update(body).digest('base64url');
  }
}
