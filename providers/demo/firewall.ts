import { demoKind } from './kind.ts';

export const firewall = demoKind({ collection: 'firewalls', fields: { rules: 'rules' } });
