import { hostContract } from './contract.ts';
import { openSshd } from './sshd.ts';

hostContract('sshd', () => openSshd(), { runs: 200 });
