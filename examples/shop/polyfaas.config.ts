/** A small shop. `provider` is the only line to change to go elsewhere; here `CLOUD=aws npm start` does it. */
import { type PolyfaasConfig, secret } from 'polyfaas';

/** Whoever signs the tokens of our customers. */
const issuer = process.env.SHOP_ISSUER ?? 'https://login.shop.example';

export default {
  app: 'shop',
  stage: 'dev',
  provider: process.env.CLOUD ?? 'local',
  region: 'eu-central',
  root: import.meta.dirname,
  defaults: { memoryMb: 256, timeoutSeconds: 20 },
  functions: {
    orders: {
      entry: './functions/orders.ts',
      memoryMb: 512,
      env: { RELEASE: '1', DATABASE: secret('orders/db') },
      events: [
        {
          type: 'http',
          method: 'POST',
          path: '/orders',
          cors: { origins: ['https://shop.example'] },
          jwt: { issuer, audience: ['shop-api'] },
        },
        {
          type: 'queue',
          queue: 'orders',
          batchSize: 10,
          retry: { maxAttempts: 2, backoff: 'fixed', delaySeconds: 0 },
          deadLetter: 'orders-dead',
          create: true,
        },
        { type: 'schedule', id: 'report', every: '1 hour', input: { report: 'hourly' } },
      ],
    },
    thumbnails: {
      entry: './functions/thumbnails.ts',
      events: [{ type: 'object', bucket: 'pictures', prefix: 'in/', suffix: '.png', create: true }],
    },
    notify: {
      entry: './functions/notify.ts',
      events: [
        { type: 'topic', topic: 'user-registered', create: true },
        { type: 'bus', bus: 'shop', pattern: { type: ['OrderPaid'] }, create: true },
      ],
    },
    // An AWS Lambda handler as it is, unchanged.
    legacy: {
      entry: './functions/legacy-lambda.mjs',
      handler: 'handler',
      signature: 'aws-lambda',
      events: [{ type: 'http', method: 'GET', path: '/legacy/{name}' }],
    },
  },
} satisfies PolyfaasConfig;
