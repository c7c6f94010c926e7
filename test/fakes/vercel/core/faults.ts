export { type Recorder, WireFaults } from '../../shared/wire/wire-faults.ts';
