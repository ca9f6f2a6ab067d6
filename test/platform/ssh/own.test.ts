import { hostContract } from './contract.ts';
import { openOwnServer } from './own-server.ts';

hostContract('a server in this process', () => openOwnServer(), { runs: 8 });
