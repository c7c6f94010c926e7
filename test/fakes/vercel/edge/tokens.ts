import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { mapOf, textOf } from '../core/json.ts';
import type { FakeClock, ReadyDeployment } from '../core/ports.ts';

/** Of production deployments: "OIDC federation reference". */
const LIFE_SECONDS = 3600;
const TEAM = 'polyfaas-fake';

export interface TokenOwner {
  readonly projectId: string;
  readonly deploymentId: string;
}

/** The tokens by which functions show who they are. They look like Vercel's, and only this fake can check them. */
export class OidcTokens {
  readonly #clock: FakeClock;
  readonly #teamId: string;
  readonly #secret = randomBytes(32);

  constructor(clock: FakeClock, teamId: string) {
    this.#clock = clock;
    this.#teamId = teamId;
  }

  /** @see https://vercel.com/docs/oidc/reference */
  issue({ id, projectId, projectName, target }: ReadyDeployment): string {
    const now = Math.floor(this.#clock.now() / 1000);
    const scope = `owner:${TEAM}:project:${projectName}:environment:${target}`;
    const claims = {
      iss: `https://oidc.vercel.com/${TEAM}`,
      sub: scope,
      scope,
      aud: `https://vercel.com/${TEAM}`,
      owner: TEAM,
      owner_id: this.#teamId,
      project: projectName,
      project_id: projectId,
      deployment_id: id,
      environment: target,
      nbf: now,
      iat: now,
      exp: now + LIFE_SECONDS,
    };
    const body = `${encoded({ alg: 'RS256', typ: 'JWT', kid: 'fake' })}.${encoded(claims)}`;
    return `${body}.${this.#signature(body)}`;
  }

  /** Undefined for one that is forged, or too old. */
  ownerOf(token: string): TokenOwner | undefined {
    const [head = '', payload = '', signature = ''] = token.split('.');
    const wanted = Buffer.from(this.#signature(`${head}.${payload}`));
    const given = Buffer.from(signature);
    if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) return undefined;
    const claims = mapOf(JSON.parse(Buffer.from(payload, 'base64url').toString()));
    if (Number(claims['exp']) * 1000 <= this.#clock.now()) return undefined;
    return {
      projectId: textOf(claims['project_id']),
      deploymentId: textOf(claims['deployment_id']),
    };
  }

  #signature(body: string): string {
    return createHmac('sha256', this.#secret).update(body).digest('base64url');
  }
}

function encoded(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
