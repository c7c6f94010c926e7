export { ManualClock } from '../../providers/local/manual-clock.ts';
