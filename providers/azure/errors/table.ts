/** What Azure's words for failures mean. One table for all services: where a word means two things, the message decides. */
import type { Classification } from 'polyfaas/spi';

const say =
  (classification: Classification) =>
  (names: string): readonly (readonly [string, Classification])[] =>
    names
      .trim()
      .split(/\s+/)
      .map((name) => [name.toLowerCase(), classification] as const);

const throttled = say({ code: 'RATE_LIMITED', retryable: true, didNotRun: true });
const unavailable = say({ code: 'UNAVAILABLE', retryable: true });
const invalid = say({ code: 'INVALID_ARGUMENT', retryable: false });
const missing = say({ code: 'NOT_FOUND', retryable: false });
const exists = say({ code: 'ALREADY_EXISTS', retryable: false });
const busy = say({ code: 'CONFLICT', retryable: true });
const denied = say({ code: 'PERMISSION_DENIED', retryable: false });
const tooLarge = say({ code: 'PAYLOAD_TOO_LARGE', retryable: false });
const quota = say({ code: 'QUOTA_EXCEEDED', retryable: false });

const unauthenticated = (message: string) =>
  say({ code: 'UNAUTHENTICATED', retryable: false, message });

/**
 * By the error's code, in lower case. Sources: "Common Azure deployment errors", the error references of Azure Storage,
 * Service Bus, Event Grid and Log Analytics.
 */
export const BY_CODE: ReadonlyMap<string, Classification> = new Map([
  ...throttled(`
    TooManyRequests SubscriptionRequestsThrottled OperationThrottled ServerBusy Throttled ThrottledError
    RequestThrottled RateLimitExceeded ResourceRequestsThrottled 429 SubscriptionReadsThrottled
    SubscriptionWritesThrottled ResourceGroupReadsThrottled
  `),
  ...unavailable(`
    InternalServerError InternalError ServiceUnavailable GatewayTimeout ServerTimeout OperationTimedOut
    ServiceTimeout BadGateway InternalExecutionError StorageInternalError GenericError
  `),
  ...invalid(`
    BadRequest InvalidRequestContent InvalidParameter InvalidResourceName InvalidResourceLocation
    InvalidTemplate InvalidTagName InvalidTagNameCharacters InvalidTagValueLength TooManyTags
    InvalidApiVersionParameter NoRegisteredProviderFound InvalidResourceType InvalidQueryParameterValue
    OutOfRangeInput InvalidInput PropertyChangeNotAllowed AccountPropertyCannotBeUpdated
    MissingApiVersionParameter InvalidResourceReference LinkedInvalidPropertyId InvalidRequestFormat
    ReservedResourceName AccountNameInvalid SkuNotAvailable InvalidHeaderValue InvalidUri
  `),
  ...missing(`
    ResourceNotFound ResourceGroupNotFound NotFound ParentResourceNotFound ContainerNotFound BlobNotFound
    QueueNotFound EntityNotFound SecretNotFound VaultNotFound PathNotFound ResourceReadFailed
    RoleAssignmentNotFound WorkspaceNotFoundError
  `),
  ...exists(`
    StorageAccountAlreadyExists AlreadyExists ResourceExists StorageAccountAlreadyTaken
  `),
  ...busy(`
    AnotherOperationInProgress OperationInProgress StorageAccountOperationInProgress ContainerBeingDeleted
    QueueBeingDeleted ConflictingOperation ConcurrentOperation ResourceNotReady RequestConflict
    AccountBeingCreated AccountProvisioningStateInvalid ConflictingConcurrentWriteNotAllowed
    ProvisioningStateNotSucceeded PreconditionFailed
  `),
  ...say({
    code: 'CONFLICT',
    retryable: true,
    retryAfterMs: 30_000,
    message:
      'The resource group is being deleted. Azure frees its name when that is over, which takes minutes. Run the same operation again then.',
  })('ResourceGroupBeingDeleted ResourceGroupDeletionInProgress'),
  ...say({
    code: 'CONFLICT',
    retryable: true,
    retryAfterMs: 5_000,
    message: 'A new identity is not known everywhere yet. Azure takes up to some minutes.',
  })('PrincipalNotFound'),
  ...denied(`
    AuthorizationFailed LinkedAuthorizationFailed AuthorizationPermissionMismatch Forbidden
    InsufficientAccountPermissions AuthorizationFailure RoleDefinitionDoesNotExist
    InsufficientAccessError
  `),
  ...say({
    code: 'PERMISSION_DENIED',
    retryable: false,
    message:
      'A policy of the subscription forbids this resource. Ask whoever keeps the policies, or choose another region or resource group.',
  })('RequestDisallowedByPolicy RequestDisallowedByAzure'),
  ...say({
    code: 'PERMISSION_DENIED',
    retryable: false,
    message:
      'A lock on the resource, its group or the subscription forbids this. Take it off (`az lock list`), then run the same operation again.',
  })('ScopeLocked'),
  ...unauthenticated(
    'Azure did not take the token. Sign in again (`az login`), check that the clock of this machine is right, and that the credential belongs to the tenant of the subscription.',
  )(`
    AuthenticationFailed ExpiredAuthenticationToken InvalidAuthenticationToken InvalidAuthenticationTokenTenant
    AuthenticationFailedMissingToken InvalidAuthenticationTokenAudience InvalidAuthenticationInfo
    NoAuthenticationInformation Unauthorized 401 InvalidTokenError AuthorizationRequired
  `),
  ...unauthenticated(
    'There is no such subscription, or the credential may not see it. Check `subscriptionId` (`az account list` shows those that you may use).',
  )('SubscriptionNotFound InvalidSubscriptionId'),
  ...quota(`
    QuotaExceeded ResourceQuotaExceeded SubscriptionIsOverQuotaForSku MaxStorageAccountsCountPerSubscriptionExceeded
    RoleAssignmentLimitExceeded ResourceCountExceedsLimitDueToTemplate OperationNotAllowed ResourceGroupQuotaExceeded
    SubscriptionOverQuota
  `),
  ...say({
    code: 'QUOTA_EXCEEDED',
    retryable: false,
    message:
      'The subscription is disabled, or over its spending limit, and takes no changes. Enable it in the portal first.',
  })('ReadOnlyDisabledSubscription SubscriptionNotActive'),
  ...tooLarge('RequestBodyTooLarge RequestEntityTooLarge RequestContentTooLarge MessageTooLarge'),
]);

/** By `error.code` of Node's own, and of the transports: nothing reached Azure, or no answer came back. */
export const BY_SOCKET_CODE: Readonly<Record<string, Classification>> = {
  ECONNRESET: { code: 'UNAVAILABLE', retryable: true },
  EPIPE: { code: 'UNAVAILABLE', retryable: true },
  ETIMEDOUT: { code: 'UNAVAILABLE', retryable: true },
  ECONNABORTED: { code: 'UNAVAILABLE', retryable: true },
  ERR_STREAM_PREMATURE_CLOSE: { code: 'UNAVAILABLE', retryable: true },
  REQUEST_SEND_ERROR: { code: 'UNAVAILABLE', retryable: true },
  PARSE_ERROR: { code: 'UNAVAILABLE', retryable: true },
  UND_ERR_SOCKET: { code: 'UNAVAILABLE', retryable: true },
  UND_ERR_HEADERS_TIMEOUT: { code: 'UNAVAILABLE', retryable: true },
  UND_ERR_BODY_TIMEOUT: { code: 'UNAVAILABLE', retryable: true },
  UND_ERR_CONNECT_TIMEOUT: { code: 'UNAVAILABLE', retryable: true, didNotRun: true },
  EHOSTUNREACH: { code: 'UNAVAILABLE', retryable: true, didNotRun: true },
  ENETUNREACH: { code: 'UNAVAILABLE', retryable: true, didNotRun: true },
  ENETDOWN: { code: 'UNAVAILABLE', retryable: true, didNotRun: true },
  ECONNREFUSED: { code: 'UNAVAILABLE', retryable: true, didNotRun: true },
  EAI_AGAIN: { code: 'UNAVAILABLE', retryable: true, didNotRun: true },
  ENOTFOUND: {
    code: 'UNAVAILABLE',
    retryable: true,
    didNotRun: true,
    message:
      'The name of an Azure service could not be found. Check the network, `endpoint` and `cloud`; a host that was just made may take a minute to be known.',
  },
};
