import { errorInfo, refused, storageRefused, vendorError } from './bodies.ts';
import { table } from './table.ts';

const DISABLED =
  'Cloud Run Admin API has not been used in project 415104041262 before or it is disabled. Enable it by visiting https://console.developers.google.com/apis/api/run.googleapis.com/overview?project=415104041262 then retry. If you enabled this API recently, wait a few minutes for the action to propagate to our systems and retry.';
const LOGS =
  'https://console.cloud.google.com/cloud-build/builds;region=europe-west1/6555e3fd-6ebc?project=415104041262';

table('an API that is switched off', [
  {
    what: 'is named, with the command that switches it on',
    error: refused(403, 'PERMISSION_DENIED', DISABLED, [
      { '@type': 'type.googleapis.com/google.rpc.Help', links: [] },
      errorInfo('SERVICE_DISABLED', {
        service: 'run.googleapis.com',
        consumer: 'projects/415104041262',
      }),
    ]),
    code: 'PERMISSION_DENIED',
    says: ['gcloud services enable run.googleapis.com --project 415104041262'],
  },
  {
    what: 'is named where only the text tells it',
    error: refused(403, 'PERMISSION_DENIED', DISABLED),
    code: 'PERMISSION_DENIED',
    says: ['gcloud services enable run.googleapis.com --project 415104041262'],
  },
  {
    what: "is named as the vendor's client tells it",
    error: vendorError(7, 'Cloud Functions API has not been used', {
      reason: 'SERVICE_DISABLED',
      errorInfoMetadata: { service: 'cloudfunctions.googleapis.com', consumer: 'projects/p-1' },
      httpStatusCode: 403,
    }),
    code: 'PERMISSION_DENIED',
    says: ['gcloud services enable cloudfunctions.googleapis.com --project p-1'],
  },
  {
    what: 'is not meant by credentials without a project for their quota',
    error: refused(
      403,
      'PERMISSION_DENIED',
      'Your application is authenticating by using local Application Default Credentials. The cloudfunctions.googleapis.com API requires a quota project, which is not set by default.',
      [errorInfo('SERVICE_DISABLED', { consumer: 'projects/764086051850' })],
    ),
    code: 'PERMISSION_DENIED',
    says: ['gcloud auth application-default set-quota-project'],
  },
  {
    what: 'is not meant by a project without billing',
    error: refused(
      403,
      'PERMISSION_DENIED',
      'This API method requires billing to be enabled. Please enable billing on project #1 by visiting https://console.developers.google.com/billing/enable?project=1 then retry.',
      [errorInfo('BILLING_DISABLED', { consumer: 'projects/1' })],
    ),
    code: 'PERMISSION_DENIED',
    says: ['gcloud billing projects link'],
  },
]);

table('a permission that is missing', [
  {
    what: 'is named, with the role that has it',
    error: refused(
      403,
      'PERMISSION_DENIED',
      "Permission 'cloudfunctions.functions.create' denied on resource 'projects/p/locations/europe-west1/functions/orders' (or resource may not exist).",
    ),
    code: 'PERMISSION_DENIED',
    says: ['cloudfunctions.functions.create', 'roles/cloudfunctions.developer'],
  },
  {
    what: 'is named by the details of an answer that says nothing',
    error: refused(403, 'PERMISSION_DENIED', 'User not authorized to perform this action.', [
      errorInfo('IAM_PERMISSION_DENIED', { permission: 'pubsub.topics.create' }),
    ]),
    code: 'PERMISSION_DENIED',
    says: ['pubsub.topics.create', 'roles/pubsub.admin'],
  },
  {
    what: 'of acting as a service account is named',
    error: vendorError(
      7,
      "Caller deployer@p.iam.gserviceaccount.com is missing permission 'iam.serviceaccounts.actAs' on service account projects/-/serviceAccounts/orders@p.iam.gserviceaccount.com. Grant the role 'roles/iam.serviceAccountUser' to the caller on the service account.",
    ),
    code: 'PERMISSION_DENIED',
    says: ['iam.serviceAccounts.actAs', 'roles/iam.serviceAccountUser'],
  },
  {
    what: 'of making service accounts is named',
    error: refused(
      403,
      'PERMISSION_DENIED',
      "Permission 'iam.serviceAccounts.create' denied on resource (or it may not exist).",
    ),
    code: 'PERMISSION_DENIED',
    says: ['roles/iam.serviceAccountAdmin'],
  },
  {
    what: 'of the policy of a service is named',
    error: refused(403, 'PERMISSION_DENIED', 'Missing', [
      errorInfo('IAM_PERMISSION_DENIED', { permission: 'run.services.setIamPolicy' }),
    ]),
    code: 'PERMISSION_DENIED',
    says: ['roles/run.admin'],
  },
  {
    what: 'of the policy of the project is named',
    error: refused(
      403,
      'PERMISSION_DENIED',
      "Permission 'resourcemanager.projects.setIamPolicy' denied on resource '//cloudresourcemanager.googleapis.com/projects/p' (or it may not exist).",
    ),
    code: 'PERMISSION_DENIED',
    says: ['roles/resourcemanager.projectIamAdmin'],
  },
  {
    what: 'of Cloud Storage is named',
    error: storageRefused(
      403,
      'forbidden',
      "deployer@p.iam.gserviceaccount.com does not have storage.buckets.create access to the Google Cloud project. Permission 'storage.buckets.create' denied on resource (or it may not exist).",
    ),
    code: 'PERMISSION_DENIED',
    says: ['storage.buckets.create', 'roles/storage.admin'],
  },
  {
    what: 'of reading a secret names both, and what to do',
    error: vendorError(
      3,
      "Could not create or update Cloud Run service orders. Permission denied on secret: projects/1/secrets/API_KEY/versions/1 for Revision service account orders@p.iam.gserviceaccount.com. The service account used must be granted the 'Secret Manager Secret Accessor' role (roles/secretmanager.secretAccessor) at the secret, project or higher level.",
    ),
    code: 'PERMISSION_DENIED',
    says: [
      'gcloud secrets add-iam-policy-binding API_KEY --member=serviceAccount:orders@p.iam.gserviceaccount.com',
    ],
  },
  {
    what: 'that nobody names is at least told in the words of Google',
    error: refused(403, 'PERMISSION_DENIED', 'The caller does not have permission'),
    code: 'PERMISSION_DENIED',
    says: ['The caller does not have permission'],
  },
]);

table('what passes by itself', [
  {
    what: 'is a role that has not spread',
    error: refused(
      400,
      'INVALID_ARGUMENT',
      'Validation failed for trigger projects/p/locations/l/triggers/t: Invalid resource state for "": Permission denied while using the Eventarc Service Agent. If you recently started to use Eventarc, it may take a few minutes before all necessary permissions are propagated to the Service Agent. Otherwise, verify that it has Eventarc Service Agent role.',
    ),
    code: 'CONFLICT',
    retryable: true,
  },
  {
    what: 'is a grant of a moment ago',
    error: refused(
      403,
      'PERMISSION_DENIED',
      'Permission "eventarc.events.receiveEvent" denied on "orders@p.iam.gserviceaccount.com". If the permission was granted recently, it may take a few minutes to take effect.',
    ),
    code: 'CONFLICT',
    retryable: true,
  },
  {
    what: 'is a service account that is new',
    error: refused(
      400,
      'INVALID_ARGUMENT',
      'Service account orders@p.iam.gserviceaccount.com does not exist.',
    ),
    code: 'CONFLICT',
    retryable: true,
    says: ['orders@p.iam.gserviceaccount.com'],
  },
  {
    what: 'is a service account that Eventarc does not know yet',
    error: refused(
      400,
      'INVALID_ARGUMENT',
      'The request was invalid: service account "orders@p.iam.gserviceaccount.com" does not exist',
    ),
    code: 'CONFLICT',
    retryable: true,
  },
  {
    what: 'is another operation',
    error: refused(409, 'ABORTED', 'unable to queue the operation'),
    code: 'CONFLICT',
    retryable: true,
  },
  {
    what: 'is another operation, as a numeric code',
    error: vendorError(
      10,
      'An operation on function orders in region europe-west1 in project p is already in progress. Please try again later.',
    ),
    code: 'CONFLICT',
    retryable: true,
  },
  {
    what: 'is a writer of a policy who was faster',
    error: refused(
      409,
      'ABORTED',
      "There were concurrent policy changes. Please retry the whole read-modify-write with exponential backoff. The request's ETag '\\007\\006' did not match the current policy's ETag '\\007\\005'.",
    ),
    code: 'CONFLICT',
    retryable: true,
  },
  {
    what: 'is a writer of a service who was faster',
    error: refused(
      409,
      'ABORTED',
      "Conflict for resource 'orders': version '1' was specified but current version is '2'.",
    ),
    code: 'CONFLICT',
    retryable: true,
  },
  {
    what: 'is a writer of a bucket who was faster',
    error: storageRefused(412, 'conditionNotMet', 'At least one of the pre-conditions failed.'),
    code: 'CONFLICT',
    retryable: true,
  },
]);

table('a quota', [
  {
    what: 'of requests passes',
    error: refused(
      429,
      'RESOURCE_EXHAUSTED',
      "Quota exceeded for quota metric 'Per project mutation requests' and limit 'Per project mutation requests per minute per region' of service 'cloudfunctions.googleapis.com' for consumer 'project_number:415104041262'.",
      [
        errorInfo('RATE_LIMIT_EXCEEDED', { service: 'cloudfunctions.googleapis.com' }),
        { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '12s' },
      ],
    ),
    code: 'RATE_LIMITED',
    retryable: true,
    more: { didNotRun: true, retryAfterMs: 12_000 },
  },
  {
    what: 'of requests passes, where only the text tells it',
    error: vendorError(
      8,
      "Quota exceeded for quota metric 'Write requests' and limit 'Write requests per minute per region' of service 'run.googleapis.com'.",
    ),
    code: 'RATE_LIMITED',
    retryable: true,
  },
  {
    what: 'of nothing that is said is one of requests',
    error: refused(429, 'RESOURCE_EXHAUSTED', 'Resource has been exhausted (e.g. check quota).'),
    code: 'RATE_LIMITED',
    retryable: true,
  },
  {
    what: 'of processors is used up, though the revision did not start',
    error: vendorError(
      8,
      'Could not create or update Cloud Run service orders, Container Healthcheck failed. Quota exceeded for total allowable CPU per project per region.',
    ),
    code: 'QUOTA_EXCEEDED',
    says: ['Quotas'],
  },
  {
    what: 'of service accounts is used up',
    error: refused(
      429,
      'RESOURCE_EXHAUSTED',
      'Maximum number of service accounts on project reached.',
    ),
    code: 'QUOTA_EXCEEDED',
  },
]);

table('a build', [
  {
    what: 'that failed is the code, with its words and its log',
    error: vendorError(
      3,
      `Build failed with status: FAILURE and message: npm error code ERESOLVE\nnpm error ERESOLVE could not resolve. For more details see the logs at ${LOGS}.`,
    ),
    code: 'INVALID_ARGUMENT',
    says: ['npm error code ERESOLVE', LOGS],
  },
  {
    what: 'that ended for a reason of its own is not the code',
    error: vendorError(
      3,
      `Build failed with status: EXPIRED and message: An unexpected error occurred. Refer to build logs: ${LOGS}. For more details see the logs at ${LOGS}.`,
    ),
    code: 'UNAVAILABLE',
    says: ['not the reason', LOGS],
  },
  {
    what: 'that may not write its image tells which role is missing',
    error: vendorError(
      3,
      `Build failed with status: FAILURE. Could not build the function due to a missing permission on the build service account. If you didn't revoke that permission explicitly, this could be caused by a change in the organization policies. For more details see the logs at ${LOGS}.`,
    ),
    code: 'PERMISSION_DENIED',
    says: ['roles/cloudbuild.builds.builder'],
  },
  {
    what: 'whose revision does not start is a function that failed',
    error: vendorError(
      3,
      "Could not create or update Cloud Run service orders, Container Healthcheck failed. Revision 'orders-00002-abc' is not ready and cannot serve traffic. The user-provided container failed to start and listen on the port defined provided by the PORT=8080 environment variable within the allocated timeout. Logs for this revision might contain more information. Logs URL: https://console.cloud.google.com/logs/viewer?project=p&resource=cloud_run_revision/service_name/orders. For more troubleshooting guidance, see https://cloud.google.com/run/docs/troubleshooting#container-failed-to-start",
    ),
    code: 'FUNCTION_FAILED',
    says: ['orders-00002-abc', 'https://console.cloud.google.com/logs/viewer?project=p'],
  },
  {
    what: 'whose secret has no such version tells how to add one',
    error: vendorError(
      9,
      'Could not create or update Cloud Run service orders. Accessing secret failed: spec.template.spec.containers[0].env: Secret projects/1/secrets/API_KEY/versions/7 was not found',
    ),
    code: 'INVALID_ARGUMENT',
    says: ['gcloud secrets versions add API_KEY', '"7"'],
  },
]);
