/** Whether deliveries reach this service: a grant takes its time to spread, and Pub/Sub counts what fails meanwhile. */
import { ASYNC_PATH } from '../manifest.ts';
import { idToken } from './token.ts';

/** Who is refused, is refused at once. What takes longer waits for an instance, and so was let in. */
const PATIENCE_MS = 3_000;

/**
 * Calls the service as its own service account, as deliveries do.
 *
 * @param audience the URL of the service.
 */
export async function isReached(audience: string): Promise<boolean> {
  if (audience === '') return false;
  const token = await idToken(audience);
  try {
    const { status } = await fetch(`${audience}${ASYNC_PATH}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}` },
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    return status !== 401 && status !== 403;
  } catch (thrown) {
    if (thrown instanceof Error && thrown.name === 'TimeoutError') return true;
    throw thrown;
  }
}
