/** The schema of the settings. */
import { isLoopback } from 'polyfaas/spi';
import { z } from 'zod';
import { noRegion, regionOf, regionProblem } from '../region.ts';
import { NATIVE_RUNTIMES } from '../runtime.ts';

const HTTPS = 'must begin with "https:". "http:" is for this machine alone (127.0.0.1, localhost).';

function isSafe(url: string): boolean {
  return url.startsWith('https:') || isLoopback(url);
}

const apiUrl = z.url({ protocol: /^https?$/ }).refine(isSafe, HTTPS);

/** May hold the place of a region. */
const queueUrl = z
  .string()
  .refine(
    (url) => /^https?:\/\/[^\s{}]+$/.test(ofSomeRegion(url)) && URL.canParse(ofSomeRegion(url)),
    'must be a URL. "{region}" in it stands for the region: "https://{region}.vercel-queue.com".',
  )
  .refine((url) => isSafe(ofSomeRegion(url)), HTTPS);

function ofSomeRegion(url: string): string {
  return url.replaceAll('{region}', 'iad1');
}

/** "Create a project": up to 100 characters, in lower case; `.`, `_` and `-`, but not `---`. */
const projectName = z
  .string()
  .regex(
    /^(?!.*---)[a-z0-9](?:[a-z0-9._-]{0,98}[a-z0-9])?$/,
    '1 to 100 of a-z 0-9 . _ -, beginning and ending with a letter or digit, without "---"',
  );

const region = z.string().superRefine((value, context) => {
  if (regionProblem(regionOf(value)) !== undefined) context.addIssue(noRegion());
});

const functionShape = {
  runtime: z.enum(NATIVE_RUNTIMES).optional(),
  regions: z
    .array(region)
    .min(1, 'one region or more, or leave it out for the one of `region`')
    .refine(
      (all) => new Set(all.map((one) => regionOf(one))).size === all.length,
      'names a region twice.',
    )
    .optional(),
  domain: z
    .string()
    .regex(
      /^(?=.{1,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$/,
      'a host name in lower case, such as "api.example.com", without a scheme and a path',
    )
    .optional(),
  invokeKeyId: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,31}$/, '1 to 32 of a-z 0-9 -, not beginning with "-"')
    .optional(),
};

const platformShape = {
  token: z
    .string()
    // What is wrong with it is told without it.
    .regex(/^[\x21-\x7E]+$/, 'an access token: no spaces, and not empty')
    .optional(),
  team: z
    .string()
    .regex(
      /^(?:team_[A-Za-z0-9]+|[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)$/,
      'the id of a team, "team_...", or its slug',
    )
    .optional(),
  endpoints: z.strictObject({ api: apiUrl.optional(), queue: queueUrl.optional() }).optional(),
  projectNames: z
    .record(z.string(), projectName)
    .refine(
      (names) => new Set(Object.values(names)).size === Object.keys(names).length,
      'gives two functions one project; each needs its own.',
    )
    .optional(),
  queues: z.literal('beta', '"beta", or leave it out: Vercel Queues are in public beta').optional(),
};

export const functionSchema = z.strictObject(functionShape);

export const platformSchema = z.strictObject({ ...functionShape, ...platformShape });
