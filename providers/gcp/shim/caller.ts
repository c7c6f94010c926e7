/** Who delivers: ID tokens that Google's services send with what they push. */
import type { IncomingMessage } from 'node:http';
import type { JWTPayload, JWTVerifyGetKey } from 'jose';
import type { RuntimeSettings, SourceManifest } from '../manifest.ts';

/** What Cloud Run puts in the place of a signature that it has checked. */
const CHECKED = 'SIGNATURE_REMOVED_BY_GOOGLE';
const ISSUERS = ['https://accounts.google.com', 'accounts.google.com'];
/** Clocks of Google's machines differ by less. */
const TOLERANCE_SECONDS = 30;
/** Google's keys are told days before they sign. A token of one that is not known makes us look again in any case. */
const KEYS_KEPT_MS = 6 * 3_600_000;

export class CallerCheck {
  readonly #certificates: string;
  #keys: JWTVerifyGetKey | undefined;

  constructor({ endpoints }: SourceManifest) {
    this.#certificates = endpoints.certificates;
  }

  /**
   * Whether the bearer token is that of the service account which deliveries are signed as.
   *
   * A private service is reached only past Cloud Run's own check, which takes the signature away. On a public one
   * nobody has checked it before, so there the signature must be there, and right.
   *
   * @throws when Google's keys cannot be fetched, and nothing can be said.
   */
  async isOurs(request: IncomingMessage, settings: RuntimeSettings): Promise<boolean> {
    const { caller, audience, isPublic } = settings;
    const token = /^Bearer +(\S+) *$/i.exec(request.headers.authorization ?? '')?.[1];
    if (token === undefined || caller === '' || audience === '') return false;
    const wasChecked = token.endsWith(`.${CHECKED}`) && !isPublic && isWhatWasChecked(request);
    const claims = wasChecked ? claimsOf(token) : await this.#verified(token);
    return (
      claims !== undefined &&
      [claims.aud].flat().includes(audience) &&
      claims['email'] === caller &&
      claims['email_verified'] === true
    );
  }

  /** Undefined for a token that is none of Google's. */
  async #verified(token: string): Promise<JWTPayload | undefined> {
    // Private services have no use for it.
    const [{ createRemoteJWKSet }, { jwtVerify }, errors] = await Promise.all([
      import('jose/jwks/remote'),
      import('jose/jwt/verify'),
      import('jose/errors'),
    ]);
    this.#keys ??= createRemoteJWKSet(new URL(this.#certificates), { cacheMaxAge: KEYS_KEPT_MS });
    try {
      const { payload } = await jwtVerify(token, this.#keys, {
        issuer: ISSUERS,
        algorithms: ['RS256'],
        requiredClaims: ['exp'],
        clockTolerance: TOLERANCE_SECONDS,
      });
      return payload;
    } catch (thrown) {
      // Of the library's errors, those without a code of their own are about an answer that was not 200, or no JSON.
      const isTokens =
        thrown instanceof errors.JOSEError &&
        thrown.code !== errors.JOSEError.code &&
        thrown.code !== errors.JWKSTimeout.code &&
        thrown.code !== errors.JWKSInvalid.code;
      if (isTokens) return undefined;
      throw new Error("The keys of Google's tokens cannot be fetched", { cause: thrown });
    }
  }
}

/**
 * With `X-Serverless-Authorization` there, Cloud Run looks at that one, and hands `Authorization` on as it came: whoever
 * may call the service could write anything into it. Of several, nobody knows which one it looked at.
 */
function isWhatWasChecked({ rawHeaders }: IncomingMessage): boolean {
  const names = rawHeaders.filter((_, index) => index % 2 === 0).map((name) => name.toLowerCase());
  return (
    !names.includes('x-serverless-authorization') &&
    names.filter((name) => name === 'authorization').length === 1
  );
}

/** Those of a token whose signature was checked and taken away; undefined for one that is not in time. */
function claimsOf(token: string): JWTPayload | undefined {
  try {
    const text = Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8');
    const claims: JWTPayload = JSON.parse(text);
    const { exp, iss = '' } = claims;
    const isInTime = typeof exp === 'number' && (exp + TOLERANCE_SECONDS) * 1_000 > Date.now();
    return isInTime && ISSUERS.includes(iss) ? claims : undefined;
  } catch {
    return undefined;
  }
}
