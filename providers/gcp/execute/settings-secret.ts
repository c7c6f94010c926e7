/** Makes the settings secret: the first thing of a function to be there. */
import type { CallContext } from 'polyfaas/spi';
import type { GcpClients } from '../clients/index.ts';
import { isTaken } from '../errors.ts';
import type { Executor } from '../model.ts';
import { LABEL, RECORD_ANNOTATION } from '../record.ts';
import type { DeleteSecretInput, SettingsSecretInput } from '../steps.ts';
import { inputOf } from '../step-input.ts';
import { isOwned } from '../labels.ts';
import { encodeRecord } from '../record-text.ts';
import { refusal, shortName } from './refusals.ts';
import { changeSecret, overtaken, presentSecret, type PresentSecret } from './secret.ts';

const OWNERSHIP = [LABEL.app, LABEL.stage, LABEL.function];

export const settingsSecret: Executor = async (gcp, step, call) => {
  const input = inputOf<SettingsSecretInput>(step);
  const present = await presentSecret(gcp, input.secret, call);
  if (present !== undefined) {
    await claim(gcp, input, present, call);
    return { done: true };
  }
  try {
    await create(gcp, input, call);
  } catch (error) {
    if (!isTaken(error)) throw error;
    // By an attempt whose answer was lost, or by somebody who was faster.
    const made = await presentSecret(gcp, input.secret, call);
    if (made === undefined) throw error;
    await claim(gcp, input, made, call);
  }
  return { done: true };
};

async function create(
  gcp: GcpClients,
  { secret, labels }: SettingsSecretInput,
  { signal }: CallContext,
): Promise<void> {
  const [, parent, secretId = ''] = /^(.+)\/secrets\/([^/]+)$/.exec(secret) ?? [];
  await gcp.rest({
    api: 'secretmanager',
    method: 'POST',
    path: `/v1/${parent}/secrets`,
    query: { secretId },
    body: { replication: { automatic: {} }, labels },
    signal,
  });
}

/** Gives it our labels, where it may. */
async function claim(
  gcp: GcpClients,
  { secret, labels, adopt }: SettingsSecretInput,
  present: PresentSecret,
  call: CallContext,
): Promise<void> {
  const isOurs = OWNERSHIP.every((name) => present.labels[name] === labels[name]);
  if (!isOurs && !adopt) {
    throw refusal(
      'ALREADY_EXISTS',
      `The secret "${shortName(secret)}" exists and does not belong to this function. Delete it, give the function another id in providerOptions.gcp.functionIds, or take it over with \`adopt: true\`.`,
    );
  }
  if (Object.entries(labels).every(([name, value]) => present.labels[name] === value)) return;
  const { [RECORD_ANNOTATION]: record, ...others } = present.annotations;
  await changeSecret(
    gcp,
    secret,
    {
      etag: present.etag,
      labels: { ...present.labels, ...labels },
      // What the owner before wrote down is about another function.
      ...(isOurs || record === undefined ? {} : { annotations: others }),
    },
    call,
  );
}

/** What was taken away meanwhile is known to nobody: the next deploy makes everything anew. */
async function unsettle(
  gcp: GcpClients,
  secret: string,
  { record, etag, annotations }: PresentSecret,
  call: CallContext,
): Promise<void> {
  if (record === undefined || record.settings === '') return;
  const pending = record.bindings.map(({ id }) => id);
  const open = { ...record, settings: '' };
  const text = encodeRecord({ ...open, pending }) ?? encodeRecord(open);
  if (text === undefined) return;
  const change = { etag, annotations: { ...annotations, [RECORD_ANNOTATION]: text } };
  await changeSecret(gcp, secret, change, call);
}

export const deleteSecret: Executor = async (gcp, step, call) => {
  const { secret, expected } = inputOf<DeleteSecretInput>(step);
  const present = await presentSecret(gcp, secret, call);
  if (present === undefined || !isOwned(present.labels)) return { done: true };
  // Its record says what else there is: whoever claimed it since makes more.
  if (present.record?.next !== expected) {
    await unsettle(gcp, secret, present, call);
    throw overtaken(secret);
  }
  await gcp.rest({
    api: 'secretmanager',
    method: 'DELETE',
    path: `/v1/${secret}`,
    query: { etag: present.etag },
    signal: call.signal,
  });
  return { done: true };
};
