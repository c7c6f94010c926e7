/** Secrets Manager. */
import { jsonService, type JsonOperation } from '../core/json-protocol.ts';
import {
  objects,
  optionalFlag,
  optionalInteger,
  optionalObjects,
  optionalText,
  optionalTexts,
  text,
  texts,
  type Input,
} from '../core/operation.ts';
import type { SecretsPort, World } from '../core/ports.ts';
import { AwsFault, type Service } from '../core/service.ts';
import { SecretStore, type Secret, type SecretContent, type SecretVersion } from './store.ts';

const NAME = { min: 1, max: 512, pattern: /[\w/+=.@-]+/, code: 'InvalidParameterException' };
const ID = { min: 1, max: 2048 };
const TOKEN = { min: 32, max: 64, code: 'InvalidParameterException' };
/** The most bytes that a secret holds (Secrets Manager quotas). */
const MAX_BYTES = 65_536;
const DAY_MS = 86_400_000;

export function createSecretsService(
  world: Pick<World, 'clock' | 'account' | 'region'>,
): Service & { readonly port: SecretsPort } {
  const store = new SecretStore(world);

  const operations: Readonly<Record<string, JsonOperation>> = {
    CreateSecret(input) {
      const name = text(input, 'Name', NAME);
      const content = contentOf(input);
      const token = optionalText(input, 'ClientRequestToken', TOKEN);
      const present = store.find(name);
      const sent = token === undefined ? undefined : present?.versions.get(token);
      if (present && sent && sent.text === content?.text && sent.binary === content?.binary) {
        return identity(present, sent);
      }
      const secret = store.create(name, optionalText(input, 'Description', { max: 2048 }));
      for (const tag of optionalObjects(input, 'Tags', { max: 50 }) ?? []) {
        secret.tags.set(text(tag, 'Key', { min: 1, max: 128 }), text(tag, 'Value', { max: 256 }));
      }
      return identity(secret, content && store.put(secret, content, token));
    },
    GetSecretValue(input) {
      const secret = store.getLive(text(input, 'SecretId', ID));
      const version = store.version(
        secret,
        optionalText(input, 'VersionId', TOKEN),
        optionalText(input, 'VersionStage', { min: 1, max: 256 }),
      );
      return {
        ...identity(secret, version),
        SecretString: version.text,
        SecretBinary: version.binary,
        VersionStages: [...version.stages],
        CreatedDate: version.createdAt / 1000,
      };
    },
    PutSecretValue(input) {
      const secret = store.getLive(text(input, 'SecretId', ID));
      const stages = optionalTexts(input, 'VersionStages', { min: 1, max: 20 });
      const token = optionalText(input, 'ClientRequestToken', TOKEN);
      const version = store.put(secret, requiredContent(input), token, stages);
      return { ...identity(secret, version), VersionStages: [...version.stages] };
    },
    UpdateSecret(input) {
      const secret = store.getLive(text(input, 'SecretId', ID));
      secret.description = optionalText(input, 'Description', { max: 2048 }) ?? secret.description;
      const content = contentOf(input);
      const token = optionalText(input, 'ClientRequestToken', TOKEN);
      return identity(secret, content && store.put(secret, content, token));
    },
    DescribeSecret: (input) => describe(store.get(text(input, 'SecretId', ID))),
    DeleteSecret(input) {
      const secret = store.getLive(text(input, 'SecretId', ID));
      const days = optionalInteger(input, 'RecoveryWindowInDays', {
        min: 7,
        max: 30,
        code: 'InvalidParameterException',
      });
      const isForced = optionalFlag(input, 'ForceDeleteWithoutRecovery') === true;
      if (isForced && days !== undefined) {
        const message =
          "You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.";
        throw new AwsFault(400, 'InvalidParameterException', message);
      }
      const at = world.clock.now() + (isForced ? 0 : (days ?? 30) * DAY_MS);
      if (isForced) store.remove(secret);
      else secret.deletedAt = at;
      return { ARN: secret.arn, Name: secret.name, DeletionDate: at / 1000 };
    },
    RestoreSecret(input) {
      const secret = store.get(text(input, 'SecretId', ID));
      secret.deletedAt = undefined;
      return identity(secret);
    },
    TagResource(input) {
      const secret = store.getLive(text(input, 'SecretId', ID));
      for (const tag of objects(input, 'Tags', { max: 50 })) {
        secret.tags.set(text(tag, 'Key', { min: 1, max: 128 }), text(tag, 'Value', { max: 256 }));
      }
      return {};
    },
    UntagResource(input) {
      const secret = store.getLive(text(input, 'SecretId', ID));
      for (const key of texts(input, 'TagKeys')) secret.tags.delete(key);
      return {};
    },
    ListSecrets: () => ({
      SecretList: store.all.filter(({ deletedAt }) => deletedAt === undefined).map(describe),
    }),
  };

  const service = jsonService({
    id: 'secretsmanager',
    targetPrefix: 'secretsmanager',
    version: '1.1',
    operations,
    resource(_, input) {
      const id = input['SecretId'] ?? input['Name'];
      if (typeof id !== 'string') return '*';
      const arn = `arn:aws:secretsmanager:${world.region}:${world.account}:secret:${id}`;
      return store.find(id)?.arn ?? (id.startsWith('arn:') ? id : arn);
    },
    inventory: () => store.all.map(({ name }) => `secretsmanager secret ${name}`),
  });

  return {
    ...service,
    port: {
      set(name, value) {
        const secret = store.find(name) ?? store.create(name, undefined);
        store.put(secret, { text: value });
      },
    },
  };
}

function contentOf(input: Input): SecretContent | undefined {
  const content = optionalText(input, 'SecretString');
  const binary = optionalText(input, 'SecretBinary');
  if (content !== undefined && binary !== undefined) {
    const message =
      "You can't specify both a binary secret value and a string secret value in the same secret.";
    throw new AwsFault(400, 'InvalidParameterException', message);
  }
  const bytes = Buffer.byteLength(content ?? '') + Buffer.byteLength(binary ?? '', 'base64');
  if (bytes > MAX_BYTES) {
    const message = `Secret value is longer than ${MAX_BYTES} bytes.`;
    throw new AwsFault(400, 'InvalidParameterException', message);
  }
  return content === undefined && binary === undefined ? undefined : { text: content, binary };
}

function requiredContent(input: Input): SecretContent {
  const content = contentOf(input);
  if (content) return content;
  const message = 'You must provide either SecretString or SecretBinary.';
  throw new AwsFault(400, 'InvalidRequestException', message);
}

function identity(secret: Secret, version?: SecretVersion): object {
  return { ARN: secret.arn, Name: secret.name, VersionId: version?.id };
}

function describe(secret: Secret): object {
  return {
    ARN: secret.arn,
    Name: secret.name,
    Description: secret.description,
    CreatedDate: secret.createdAt / 1000,
    LastChangedDate: secret.changedAt / 1000,
    ...(secret.deletedAt !== undefined && { DeletedDate: secret.deletedAt / 1000 }),
    Tags: [...secret.tags].map(([Key, Value]) => ({ Key, Value })),
    VersionIdsToStages: Object.fromEntries(
      [...secret.versions.values()]
        .filter(({ stages }) => stages.size > 0)
        .map(({ id, stages }) => [id, [...stages]]),
    ),
  };
}
