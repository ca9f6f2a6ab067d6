import { testProvider } from '../contract.ts';
import { ENGINE_GAPS, engineWorld } from './engine-world.ts';

testProvider('local', engineWorld, ENGINE_GAPS);
