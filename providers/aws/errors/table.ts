/** What AWS's error names mean. One table for all services: where a name means two things, the message decides. */
import type { Classification } from 'polyfaas/spi';

const say =
  (classification: Classification) =>
  (names: string): readonly (readonly [string, Classification])[] =>
    names
      .trim()
      .split(/\s+/)
      .map((name) => [name, classification] as const);

const throttled = say({ code: 'RATE_LIMITED', retryable: true, didNotRun: true });
const unavailable = say({ code: 'UNAVAILABLE', retryable: true });
const invalid = say({ code: 'INVALID_ARGUMENT', retryable: false });
const missing = say({ code: 'NOT_FOUND', retryable: false });
const exists = say({ code: 'ALREADY_EXISTS', retryable: false });
const busy = say({ code: 'CONFLICT', retryable: true });
const denied = say({ code: 'PERMISSION_DENIED', retryable: false });
const tooLarge = say({ code: 'PAYLOAD_TOO_LARGE', retryable: false });
const quota = say({ code: 'QUOTA_EXCEEDED', retryable: false });

const credentials = (message: string) =>
  say({ code: 'UNAUTHENTICATED', retryable: false, message });

/** By `error.name`. Sources: the API reference of each service, and the errors of the SDK's own. */
export const BY_NAME: ReadonlyMap<string, Classification> = new Map([
  ...throttled(`
    Throttling ThrottlingException ThrottledException RequestThrottled RequestThrottledException
    TooManyRequestsException TooManyRequests RequestLimitExceeded ProvisionedThroughputExceededException
    SlowDown BandwidthLimitExceeded PriorRequestNotComplete EC2ThrottledException KMSThrottlingException
  `),
  ...unavailable(`
    ServiceException ServiceUnavailable ServiceUnavailableException InternalFailure InternalError
    InternalServerError InternalServerException InternalServiceError InternalServiceErrorException
    InternalServiceException InternalException InternalErrorException ServiceFailure ServiceFailureException
    ServiceUnavailableError ServerException EC2UnexpectedException
    TransactionInProgressException RequestTimeout RequestTimeoutException IDPCommunicationError
  `),
  ...say({ code: 'UNAVAILABLE', retryable: true, didNotRun: true })(`
    ResourceNotReadyException EFSMountConnectivityException EFSMountTimeoutException SnapStartNotReadyException
  `),
  ...invalid(`
    InvalidParameterValueException InvalidParameterValue InvalidParameterException InvalidParameter
    InvalidParameterCombination InvalidParameterCombinationException ValidationException ValidationError
    InvalidRequestContentException InvalidRequestException InvalidRequest InvalidInput InvalidInputException
    InvalidArgumentException InvalidArgument MalformedPolicyDocument MalformedPolicyDocumentException
    InvalidEventPatternException BadRequestException BadRequest MissingParameter UnsupportedMediaTypeException
    InvalidZipFileException InvalidRuntimeException InvalidSubnetIDException InvalidSecurityGroupIDException
    InvalidCodeSignatureException CodeVerificationFailedException CodeSigningConfigNotFoundException
    KMSDisabledException KMSInvalidStateException KMSNotFoundException EFSIOException EFSMountFailureException
    SerializationException MalformedXML MalformedQueryString InvalidAttributeName InvalidAttributeValue
    InvalidBucketName SnapStartException UnknownOperationException InvalidAction
  `),
  ...missing(`
    ResourceNotFoundException ResourceNotFound NotFoundException NotFound NoSuchEntityException NoSuchEntity
    QueueDoesNotExist AWS.SimpleQueueService.NonExistentQueue NoSuchBucket NoSuchTagSet NoSuchKey ObjectNotFoundException
    TableNotFoundException StreamNotFound ProvisionedConcurrencyConfigNotFoundException
  `),
  ...exists(`
    EntityAlreadyExistsException EntityAlreadyExists ResourceAlreadyExistsException ResourceExistsException
    QueueNameExists QueueAlreadyExists BucketAlreadyExists BucketAlreadyOwnedByYou
  `),
  ...busy(`
    ResourceInUseException ConcurrentModificationException ConcurrentModification ConcurrentUpdateException
    OperationAbortedException OperationAborted ConditionalRequestConflict
  `),
  ...say({
    code: 'CONFLICT',
    retryable: true,
    // SQS API reference, `CreateQueue`: a name is free again a minute after its queue was deleted.
    retryAfterMs: 60_000,
    message:
      'A queue of that name was deleted less than a minute ago. AWS frees the name after 60 s.',
  })('QueueDeletedRecently AWS.SimpleQueueService.QueueDeletedRecently'),
  ...say({
    code: 'CONFLICT',
    retryable: false,
    message:
      'Somebody else changed the function meanwhile. Look at it, and run the same operation again.',
  })('PreconditionFailedException PreconditionFailed DeleteConflict DeleteConflictException'),
  ...denied(`
    AccessDeniedException AccessDenied AuthorizationErrorException AuthorizationError UnauthorizedOperation
    NotAuthorized Forbidden ForbiddenException AllAccessDisabled
  `),
  ...say({
    code: 'PERMISSION_DENIED',
    retryable: false,
    message:
      "Lambda may not use the network: the function's role lacks ec2:CreateNetworkInterface and its kin. Add them, or leave `roleArn` out so that a role is made.",
  })('EC2AccessDeniedException'),
  ...say({
    code: 'PERMISSION_DENIED',
    retryable: false,
    message:
      'The key may not be used: allow kms:Decrypt to the function and kms:CreateGrant to the deployer in the policy of `kmsKeyArn`.',
  })('KMSAccessDeniedException KMSAccessDenied'),
  ...credentials(
    'The AWS credentials have expired. Sign in again (`aws sso login`, or new keys), and run the same operation again.',
  )('ExpiredToken ExpiredTokenException RequestExpired TokenRefreshRequired'),
  ...credentials(
    'AWS does not know these credentials. Check the access key (`aws sts get-caller-identity`), and that its account has this region switched on.',
  )(`
    UnrecognizedClientException InvalidClientTokenId InvalidClientTokenIdException InvalidAccessKeyId
    InvalidToken MissingAuthenticationToken MissingAuthenticationTokenException NotSignedUp OptInRequired
  `),
  ...credentials(
    "AWS refused the signature. Check the secret access key, and that this machine's clock is right.",
  )(`
    SignatureDoesNotMatch InvalidSignatureException InvalidSignature IncompleteSignature
    IncompleteSignatureException RequestTimeTooSkewed
  `),
  ...credentials(
    'No AWS credentials were found. Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, sign in with `aws sso login`, or name a profile in providerOptions.aws.profile.',
  )('CredentialsProviderError TokenProviderError'),
  ...quota(`
    LimitExceededException LimitExceeded ServiceQuotaExceededException QuotaExceededException
    TopicLimitExceeded TopicLimitExceededException SubscriptionLimitExceeded SubscriptionLimitExceededException
    FilterPolicyLimitExceeded TooManyBuckets TooManyTags TagLimitExceeded ENILimitReachedException
    SubnetIPAddressLimitReachedException PolicyLengthExceededException TooManyEntriesInBatchRequest
  `),
  ...say({
    code: 'QUOTA_EXCEEDED',
    retryable: false,
    message:
      'The code storage of this account and region (75 GB) is full. Delete old versions with `prune`, or ask AWS for more.',
  })('CodeStorageExceededException'),
  ...tooLarge(`
    RequestTooLargeException RequestEntityTooLarge RequestEntityTooLargeException EntityTooLarge
    RequestTooLarge BatchRequestTooLong
  `),
]);

/** By `error.code` of Node's own: nothing reached AWS, or no answer came back. */
export const BY_SOCKET_CODE: Readonly<Record<string, Classification>> = {
  ECONNRESET: { code: 'UNAVAILABLE', retryable: true },
  EPIPE: { code: 'UNAVAILABLE', retryable: true },
  ETIMEDOUT: { code: 'UNAVAILABLE', retryable: true },
  ECONNABORTED: { code: 'UNAVAILABLE', retryable: true },
  EHOSTUNREACH: { code: 'UNAVAILABLE', retryable: true, didNotRun: true },
  ENETUNREACH: { code: 'UNAVAILABLE', retryable: true, didNotRun: true },
  ECONNREFUSED: { code: 'UNAVAILABLE', retryable: true, didNotRun: true },
  EAI_AGAIN: { code: 'UNAVAILABLE', retryable: true, didNotRun: true },
  ENOTFOUND: {
    code: 'UNAVAILABLE',
    retryable: true,
    didNotRun: true,
    message:
      'The address of AWS could not be found. Check `region` (such as "eu-central-1"), `endpoint`, and the network.',
  },
};
