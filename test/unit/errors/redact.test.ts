import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { redact } from '../../../src/errors/redact.ts';

const SECRET = 's3cr3tValue12345';

/** How vendors have been seen to write it. `%` stands for the secret. */
const QUOTED = [
  'postgres://admin:%@db:5432/shop',
  'https://user:%@host/x',
  'redis://:%@cache',
  'https://%abcdefgh@github.example/x',
  '{"password":"%"}',
  '{\\"password\\":\\"%\\"}',
  '{\\\\\\"password\\\\\\": \\\\\\"%\\\\\\"}',
  '"password": "abc %"',
  '"password": "a\\"b %"',
  "PASSWORD='a %",
  "'password' => '%'",
  'password%3D%',
  'passphrase=%',
  'pass: %',
  'token=%',
  'refresh_token: %',
  "accessToken: '%'",
  'aws_session_token=%',
  'client_secret=%',
  '//packages.example/:_authToken=%',
  'https://x.example/?access_token=%&a=1',
  'https://x.example/?sv=1&sig=%',
  'Authorization: %',
  'authorization: Digest %',
  '{"Authorization":"AWS4-HMAC-SHA256 Credential=a/%"}',
  'x-functions-key: %',
  'x-api-key: %',
  'x-vercel-protection-bypass: %',
  'Ocp-Apim-Subscription-Key: %',
  'Set-Cookie: %',
  'Endpoint=sb://x/;SharedAccessKeyName=all;SharedAccessKey=%=',
  'AccountKey=%==;EndpointSuffix=x',
  'Bearer %',
  'AIzaSyA%%abc',
  'sk_live_%',
  'sk-proj-%',
  'github_pat_%abcdefgh',
];

describe('a credential in a text from outside', () => {
  it.each(QUOTED)('is taken out of: %j', (pattern) => {
    // The percent sign of an encoded "=" is none that stands for the secret.
    const text = pattern.replaceAll(/%(?!3D)/g, SECRET);
    expect(redact(text)).toContain('[redacted]');
    expect(redact(text)).not.toContain(SECRET);
  });

  it('is taken out wherever it stands, and nothing else is', () => {
    const around = fc.stringMatching(/^(?:[A-Za-z]{1,9} ){0,5}$/);
    fc.assert(
      fc.property(
        fc.constantFrom('{"dbPassword": "%"}', 'x-functions-key: %', 'db://me:%@host/x'),
        fc.stringMatching(/^[A-Za-z0-9]{5}[0-9][A-Z]{6}$/),
        around,
        around,
        (pattern, secret, before, after) => {
          const text = `${before}${pattern.replace('%', secret)} ${after}`;
          const expected = `${before}${pattern.replace('%', '[redacted]')} ${after}`;
          expect(redact(text)).toBe(expected);
        },
      ),
    );
  });

  it('is taken out of JSON, however deep it is in JSON', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('password', 'client_secret', 'accessToken', 'x-api-key'),
        fc.string({ minLength: 8, maxLength: 30 }).map((text) => `S3CR${text}`),
        fc.integer({ min: 1, max: 3 }),
        (name, secret, depth) => {
          let text = JSON.stringify({ [name]: `${secret}~END` });
          for (let level = 1; level < depth; level += 1) text = JSON.stringify(text);
          expect(redact(text)).toContain('[redacted]');
          expect(redact(text)).not.toContain('S3CR');
          expect(redact(text)).not.toContain('~END');
        },
      ),
    );
  });

  it('is taken out once', () => {
    fc.assert(
      fc.property(fc.constantFrom(...QUOTED), (pattern) => {
        const once = redact(pattern.replaceAll(/%(?!3D)/g, SECRET));
        expect(redact(once)).toBe(once);
      }),
    );
  });
});

describe('an ordinary text', () => {
  it.each([
    'The security token included in the request has expired',
    'Invalid token: expired',
    'Unexpected token } in JSON at position 3',
    'Unexpected token: punc (})',
    'ExpiredToken: The provided token expired.',
    'MissingAuthenticationToken: Missing Authentication Token',
    'Authorization: header is missing',
    'signature: invalid.',
    'The secret "db-password" was not found',
    '{"secretName":"db","tokenId":"t-123","requestId":"4f3c9a1e","nextPage":"abc"}',
    '{"token":null,"password":false}',
    'maxTokens: 4096, pass: 12, compass: north4',
    'https://host.example:8080/path@version',
    'https://somebody@host.example/x',
    'at file:///srv/app/index.mjs:10:5',
    'arn:aws:iam::123456789012:role/shop-dev-orders',
    'Basic settings of basic authentication are off',
    'partition key: orders/1',
  ])('stays as it is: %j', (text) => {
    expect(redact(text)).toBe(text);
  });

  it('of words and numbers stays as it is', () => {
    const word = fc.stringMatching(/^(?:[a-z]{1,8}|\d{1,9})$/);
    fc.assert(
      fc.property(fc.array(word, { maxLength: 30 }), (words) => {
        // After "basic" or "bearer" comes a credential.
        const text = words.filter((one) => !/^(?:basic|bearer)$/.test(one)).join(' ');
        expect(redact(text)).toBe(text);
      }),
    );
  });
});

describe('a text that is made to take long', () => {
  // A pattern that backtracks would need hours for one of these, and the test would not come to its end.
  it.each([
    ['a'],
    ['a.'],
    ['a:'],
    ['"'],
    ['\\'],
    [' '],
    ['token='],
    ['password:"'],
    ['password:\\"'],
    ['http://'],
    ['a:b@'],
    ['eyaaaaaaaa.'],
    ['-----BEGIN '],
    ['-----BEGIN PRIVATE KEY-----'],
    ['Basic '],
    ['authorization: digest '],
  ])('is read to its end: %j', (piece) => {
    const text = piece.repeat(Math.ceil(200_000 / piece.length));
    expect(redact(text).length).toBeGreaterThan(0);
  });
});
