/** The schema of the settings. */
import { z } from 'zod';

/** CloudWatch Logs API reference, `PutRetentionPolicy`. */
const RETENTION_DAYS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288,
  3653,
];

const arn = (service: string) =>
  z
    .string()
    .regex(
      new RegExp(`^arn:aws[a-z-]*:${service}:`),
      `an ARN that begins with "arn:aws:${service}:"`,
    );

const roleArn = arn('iam').regex(/:role\//, 'the ARN of a role');

const schedule = z
  .strictObject({
    name: z.string().regex(/^[\w-]{1,64}$/, '1 to 64 of A-Z a-z 0-9 - _'),
    cron: z.string().min(1).optional(),
    rate: z.string().min(1).optional(),
    at: z.string().min(1).optional(),
    timezone: z.string().min(1).optional(),
    min: z.int().min(0),
    max: z.int().min(0),
  })
  .refine(
    ({ cron, rate, at }) => [cron, rate, at].filter((one) => one !== undefined).length === 1,
    'has to have exactly one of `cron`, `rate` and `at`.',
  )
  .refine(({ min, max }) => max >= min, { path: ['max'], message: 'must not be less than `min`.' });

const functionShape = {
  roleArn: roleArn.optional(),
  policyStatements: z
    .array(
      z.strictObject({
        actions: z
          .array(z.string().regex(/^[a-z0-9-]+:[A-Za-z*]+$/, 'an action such as "s3:GetObject"'))
          .min(1),
        resources: z.array(z.string().min(1)).min(1),
      }),
    )
    .optional(),
  layers: z.array(arn('lambda')).max(5).optional(),
  vpc: z
    .strictObject({
      subnetIds: z
        .array(z.string().regex(/^subnet-/, 'an id that begins with "subnet-"'))
        .min(1)
        .max(16),
      securityGroupIds: z
        .array(z.string().regex(/^sg-/, 'an id that begins with "sg-"'))
        .min(1)
        .max(5),
    })
    .optional(),
  ephemeralStorageMb: z.int().min(512).max(10_240).optional(),
  kmsKeyArn: arn('kms').optional(),
  sourceKmsKeyArn: arn('kms').optional(),
  tracing: z.enum(['active', 'pass-through']).optional(),
  logFormat: z.enum(['text', 'json']).optional(),
  logRetentionDays: z
    .int()
    .refine((days) => RETENTION_DAYS.includes(days), `must be one of ${RETENTION_DAYS.join(', ')}.`)
    .optional(),
  reservedConcurrency: z.int().min(0).optional(),
  provisionedConcurrency: z
    .strictObject({
      min: z.int().min(0).optional(),
      max: z.int().min(1).optional(),
      targetUtilization: z.number().min(0.1).max(0.9).optional(),
      schedules: z.array(schedule).optional(),
    })
    .optional(),
  canary: z.strictObject({ weight: z.number().min(0).max(1) }).optional(),
  keepWarm: z
    .strictObject({
      everyMinutes: z.int().min(1).max(60).optional(),
      instances: z.int().min(1).max(20).optional(),
    })
    .optional(),
  // Lambda API reference, `CreateFunction`: at most 128 characters, no white space.
  handler: z
    .string()
    .regex(/^\S{1,128}$/, '1 to 128 characters without white space')
    .optional(),
  image: z
    .strictObject({
      command: z.array(z.string()).optional(),
      entryPoint: z.array(z.string()).optional(),
      workingDirectory: z.string().min(1).max(1000).optional(),
    })
    .optional(),
};

const platformShape = {
  endpoint: z.url().optional(),
  credentials: z
    .strictObject({
      accessKeyId: z.string().min(1),
      secretAccessKey: z.string().min(1),
      sessionToken: z.string().min(1).optional(),
    })
    .optional(),
  profile: z.string().min(1).optional(),
  assumeRole: z
    .strictObject({
      roleArn,
      externalId: z.string().min(2).max(1224).optional(),
      sessionName: z
        .string()
        .regex(/^[\w+=,.@-]{2,64}$/, '2 to 64 of A-Z a-z 0-9 + = , . @ - _')
        .optional(),
      durationSeconds: z.int().min(900).max(43_200).optional(),
    })
    .optional(),
  artifactBucket: z
    .string()
    .regex(
      /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/,
      'the name of a bucket: 3 to 63 of a-z 0-9 . -, beginning and ending with a letter or digit',
    )
    .optional(),
  permissionsBoundaryArn: arn('iam').optional(),
  maxSockets: z.int().min(1).max(10_000).optional(),
  invoke: z.strictObject({ logTailSampleRate: z.number().min(0).max(1).optional() }).optional(),
};

export const functionSchema = z.strictObject(functionShape);

export const platformSchema = z
  .strictObject({ ...functionShape, ...platformShape })
  .refine(({ credentials, profile }) => credentials === undefined || profile === undefined, {
    path: ['profile'],
    message: 'cannot be combined with `credentials`. Leave one of them out.',
  });
