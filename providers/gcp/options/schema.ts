/** The schema of the settings. */
import type { GoogleAuth } from 'google-auth-library';
import { isLoopback } from 'polyfaas/spi';
import { z } from 'zod';
import { ENDPOINT_NAMES } from './endpoints.ts';
import { CPUS } from './sizes.ts';

const serviceUrl = z
  .url({ protocol: /^https?$/ })
  .refine(
    (url) => url.startsWith('https:') || isLoopback(url),
    'must begin with "https:". "http:" is for this machine alone (127.0.0.1, localhost).',
  );

/** IAM: `NAME@PROJECT.iam.gserviceaccount.com`, or one of Google's default accounts. */
const serviceAccount = z
  .string()
  .regex(
    /^[a-z0-9][a-z0-9.-]*@[a-z0-9.-]+\.gserviceaccount\.com$/,
    'the e-mail address of a service account: "NAME@PROJECT.iam.gserviceaccount.com"',
  );

/** `projects/p/locations/l/connectors/c` */
const fullName = (collection: string) =>
  z
    .string()
    .regex(
      new RegExp(`^projects/[^/]+/locations/[^/]+/${collection}$`),
      `a full name: "projects/p/locations/l/${collection.replaceAll('[^/]+', 'NAME')}"`,
    );

const functionShape = {
  httpAccess: z.enum(['public', 'private']).optional(),
  ingress: z.enum(['ALLOW_ALL', 'ALLOW_INTERNAL_ONLY', 'ALLOW_INTERNAL_AND_GCLB']).optional(),
  cpu: z
    .number()
    .refine(
      (cpu) => (cpu >= 0.08 && cpu < 1) || CPUS.includes(cpu),
      `must be 0.08 to 1, or one of ${CPUS.join(', ')}.`,
    )
    .optional(),
  runtime: z.enum(['nodejs22', 'nodejs24']).optional(),
  serviceAccount: serviceAccount.optional(),
  buildServiceAccount: serviceAccount.optional(),
  vpcConnector: fullName('connectors/[^/]+').optional(),
  vpcEgress: z.enum(['PRIVATE_RANGES_ONLY', 'ALL_TRAFFIC']).optional(),
  kmsKey: fullName('keyRings/[^/]+/cryptoKeys/[^/]+').optional(),
  dockerRepository: fullName('repositories/[^/]+').optional(),
  invokeKeyId: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,31}$/, '1 to 32 of a-z 0-9 -, not beginning with "-"')
    .optional(),
};

const platformShape = {
  projectId: z
    .string()
    // Also those of domains: `example.com:project`.
    .regex(
      /^(?:[a-z0-9.-]+:)?[a-z][a-z0-9-]{4,28}[a-z0-9]$/,
      'the id of a project, such as "my-project-123"',
    )
    .optional(),
  projectNumber: z
    .string()
    .regex(/^\d{1,20}$/, 'the number of a project, as a text of digits')
    .optional(),
  auth: z
    .custom<GoogleAuth>(
      (value) =>
        typeof value === 'object' &&
        value !== null &&
        'getClient' in value &&
        typeof value.getClient === 'function',
      'must be a GoogleAuth of google-auth-library.',
    )
    .optional(),
  endpoints: z.partialRecord(z.enum(ENDPOINT_NAMES), serviceUrl).optional(),
  invokerServiceAccount: serviceAccount.optional(),
  functionIds: z
    .record(
      z.string(),
      z
        .string()
        .regex(
          /^(?=.{4,35}$)[a-z][a-z0-9-]*[a-z0-9]$/,
          '4 to 35 of a-z 0-9 -, a letter first and no dash at the end',
        ),
    )
    .refine(
      (ids) => new Set(Object.values(ids)).size === Object.keys(ids).length,
      'gives two functions one id; each needs its own.',
    )
    .optional(),
  firestoreDatabase: z
    .string()
    .regex(/^(?:\(default\)|[a-z][a-z0-9-]{2,61}[a-z0-9])$/, '"(default)", or 4 to 63 of a-z 0-9 -')
    .optional(),
};

export const functionSchema = z.strictObject(functionShape);

export const platformSchema = z.strictObject({ ...functionShape, ...platformShape });
