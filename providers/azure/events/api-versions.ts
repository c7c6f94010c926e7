/** Versions of the REST APIs that sources have, all stable ones. */
import { API } from '../names.ts';

export const EVENT_API = {
  storage: API.storage,
  authorization: API.role,
  serviceBus: '2024-01-01',
  eventHubs: '2024-01-01',
  cosmos: '2024-11-15',
  eventGrid: '2022-06-15',
} as const;
