/** The routes of the shop, called as a browser would. */
import type { Issuer } from './issuer.ts';
import { expect, step } from './progress.ts';

const origin = 'https://shop.example';

/** A CORS preflight, a call without a token, and a call with one. */
export async function callOverHttp(url: string, issuer: Issuer): Promise<void> {
  await step(
    'http: CORS preflight',
    () =>
      fetch(url, {
        method: 'OPTIONS',
        headers: {
          origin,
          'access-control-request-method': 'POST',
          'access-control-request-headers': 'authorization, content-type',
        },
      }),
    (response) => {
      const allowed = response.headers.get('access-control-allow-origin');
      expect(response.ok && allowed === origin, `${origin} to be allowed`);
      return `${response.status}, ${allowed} may POST`;
    },
  );
  const post = (token?: string): Promise<Response> =>
    fetch(url, {
      method: 'POST',
      headers: {
        origin,
        'content-type': 'application/json',
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      body: JSON.stringify({ item: 'lamp', quantity: 3 }),
    });
  await step(
    'http: POST without a token',
    async () => {
      const response = await post();
      await response.body?.cancel();
      return response.status;
    },
    (status) => {
      expect(status === 401, '401 without a token');
      return `${status}, refused`;
    },
  );
  const token = await issuer.token('ada', 'shop-api');
  await step(
    'http: POST with a signed token (RS256, JWKS)',
    async () => {
      const response = await post(token);
      return { status: response.status, body: await response.text() };
    },
    ({ status, body }) => {
      expect(status === 201 && body.includes('"ada"'), '201 for the customer of the token');
      return `${status} ${body}`;
    },
  );
}

/** The handler that was written for AWS Lambda. */
export async function callLegacy(url: string): Promise<void> {
  await step(
    'http: an unchanged AWS Lambda handler',
    async () => {
      const response = await fetch(url);
      return { status: response.status, body: await response.text() };
    },
    ({ status, body }) => {
      expect(status === 200 && body.includes('hello world'), 'a greeting of the old handler');
      return `${status} ${body}`;
    },
  );
}
