/* A position: when it was true. */
import type { Fix } from './api';

/** When the device was there, as far as anybody says. */
export const momentOf = (fix: Fix): number => fix.at ?? fix.received_at;
