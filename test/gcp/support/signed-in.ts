import { OAuth2Client } from 'google-auth-library';

/** As a user who signed in: such a client has access tokens, and no ID tokens for whoever is asked for. */
export function signedIn(token: string): OAuth2Client {
  const client = new OAuth2Client();
  client.setCredentials({ access_token: token, expiry_date: Date.now() + 3_600_000 });
  return client;
}
