/** Who asks: access tokens and ID tokens of application default credentials, or of what the options hold. */
import type { AuthClient, GoogleAuth } from 'google-auth-library';
import { once, ServerlessError, unlessAborted } from 'polyfaas/spi';
import { parsedJson, numberAt, textAt } from './json.ts';
import { loadSdk } from './load-sdk.ts';
import { Tokens, type Token } from './tokens.ts';

const SCOPE = 'https://www.googleapis.com/auth/cloud-platform';
/** There is one access token for all APIs. */
const ACCESS = 'access';

export interface AuthSettings {
  readonly auth: GoogleAuth | null;
  readonly projectId: string | null;
  readonly invokerServiceAccount: string | null;
}

export class Auth {
  readonly #settings: AuthSettings;
  readonly #access: Tokens;
  readonly #ids: Tokens;
  readonly #library = once(() => this.#load());
  readonly #project = once(() => this.#findProject());

  /**
   * @param impersonate asks `iamcredentials` for an ID token of another service account.
   */
  constructor(
    settings: AuthSettings,
    now: () => number,
    impersonate: (email: string, audience: string) => Promise<string>,
  ) {
    this.#settings = settings;
    this.#access = new Tokens(() => this.#askAccess(), now);
    this.#ids = new Tokens(async (audience) => {
      const email = settings.invokerServiceAccount;
      const text =
        email === null ? await this.#askId(audience) : await impersonate(email, audience);
      return { text, endsAt: endOf(text) };
    }, now);
  }

  accessToken(signal: AbortSignal): Promise<string> {
    return this.#access.of(ACCESS, signal);
  }

  /** A service refused the token: the next caller asks for another. */
  forget(token: string): void {
    this.#access.forget(ACCESS, token);
  }

  idToken(audience: string, signal: AbortSignal): Promise<string> {
    return this.#ids.of(audience, signal);
  }

  /** What a signed request carries: a user's own credentials also name the project whose quota counts. */
  async headers(signal: AbortSignal): Promise<{
    readonly token: string;
    readonly headers: Readonly<Record<string, string>>;
  }> {
    const token = await this.accessToken(signal);
    const { quotaProjectId } = await unlessAborted(this.#client(), signal);
    return {
      token,
      headers: {
        authorization: `Bearer ${token}`,
        ...(quotaProjectId === undefined || quotaProjectId === ''
          ? {}
          : { 'x-goog-user-project': quotaProjectId }),
      },
    };
  }

  projectId(signal: AbortSignal): Promise<string> {
    const { projectId } = this.#settings;
    return projectId === null ? unlessAborted(this.#project(), signal) : Promise.resolve(projectId);
  }

  async #load(): Promise<GoogleAuth> {
    const given = this.#settings.auth;
    if (given !== null) {
      // As the vendor's clients do: keys of service accounts need scopes, and whoever made it may have named none.
      given.defaultScopes ??= SCOPE;
      return given;
    }
    const { GoogleAuth: Library } = await loadSdk(
      'google-auth-library',
      import('google-auth-library'),
    );
    return new Library({ scopes: SCOPE });
  }

  async #client(): Promise<AuthClient> {
    return (await this.#library()).getClient();
  }

  async #findProject(): Promise<string> {
    const library = await this.#library();
    try {
      return await library.getProjectId();
    } catch (cause) {
      if (!(cause instanceof Error && /Unable to detect a Project Id/i.test(cause.message)))
        throw cause;
      throw new ServerlessError({
        code: 'INVALID_ARGUMENT',
        provider: 'gcp',
        message:
          'projectId: none is set. Write `projectId` into providerOptions.gcp, or set GOOGLE_CLOUD_PROJECT (`gcloud config get-value project` tells it).',
        cause,
      });
    }
  }

  async #askAccess(): Promise<Token> {
    const client = await this.#client();
    const { token } = await client.getAccessToken();
    if (typeof token !== 'string' || token === '') {
      throw unauthenticated(
        'The Google credentials gave no access token. Sign in with `gcloud auth application-default login`, or pass others in providerOptions.gcp.auth.',
      );
    }
    return { text: token, endsAt: client.credentials.expiry_date ?? undefined };
  }

  async #askId(audience: string): Promise<string> {
    const library = await this.#library();
    let text: string;
    try {
      const client = await library.getIdTokenClient(audience);
      text = await client.idTokenProvider.fetchIdToken(audience);
    } catch (cause) {
      if (!(cause instanceof Error && /Cannot fetch ID token/i.test(cause.message))) throw cause;
      throw noIdToken('cannot have ID tokens of their own', cause);
    }
    // A user's own are for the program that the user signed in with, whatever is asked for.
    if (typeof text !== 'string' || textAt(claimsOf(text), 'aud') !== audience) {
      throw noIdToken('cannot have ID tokens for a function', undefined);
    }
    return text;
  }
}

function noIdToken(what: string, cause: unknown): ServerlessError {
  return unauthenticated(
    `The Google credentials in use ${what}, as a user's cannot. Name a service account that may call the function in providerOptions.gcp.invokerServiceAccount, and let yourself use it (\`gcloud iam service-accounts add-iam-policy-binding ACCOUNT --member=user:YOU --role=roles/iam.serviceAccountTokenCreator\`); or work with the credentials of a service account.`,
    cause,
  );
}

function unauthenticated(message: string, cause?: unknown): ServerlessError {
  return new ServerlessError({ code: 'UNAUTHENTICATED', provider: 'gcp', message, cause });
}

/** Milliseconds since the epoch; undefined when the token does not tell. */
function endOf(token: string): number | undefined {
  const seconds = numberAt(claimsOf(token), 'exp');
  return seconds === undefined ? undefined : seconds * 1_000;
}

function claimsOf(token: string): ReturnType<typeof parsedJson> {
  const [, payload = ''] = token.split('.');
  return parsedJson(Buffer.from(payload, 'base64url').toString('utf8'));
}
