/** Has the next operation look again at what may not be as the record says. */
import type { CallContext } from 'polyfaas/spi';
import type { GcpClients } from '../clients/index.ts';
import { isPassing } from '../errors.ts';
import { RECORD_ANNOTATION } from '../record.ts';
import { encodeRecord } from '../record-text.ts';
import { changeSecret, presentSecret } from './secret.ts';

/** Who loses against other writers so often in a row gives it up. */
const MOST_TRIES = 3;

/**
 * Notes every binding as half done. Where another operation is under way, or notes something at the moment, it is looked at
 * once more.
 *
 * @param secret `projects/p/secrets/s`
 */
export async function doubtBindings(
  gcp: GcpClients,
  secret: string,
  call: CallContext,
): Promise<void> {
  for (let tries = 0; tries < MOST_TRIES; tries += 1) {
    const present = await presentSecret(gcp, secret, call);
    if (present?.record === undefined || present.record.bindings.length === 0) return;
    const pending = present.record.bindings.map(({ id }) => id).toSorted();
    const text = encodeRecord({ ...present.record, pending });
    // A record that is full is read by the next one as it is.
    if (text === undefined) return;
    const annotations = { ...present.annotations, [RECORD_ANNOTATION]: text };
    try {
      await changeSecret(gcp, secret, { etag: present.etag, annotations }, call);
      return;
    } catch (error) {
      if (!isPassing(error)) throw error;
    }
  }
}
