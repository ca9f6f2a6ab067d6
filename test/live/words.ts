import type { CloudWords } from '../providers/contract/subjects.ts';

/** The cheapest things of each cloud, and what they cost. */
export const CHEAPEST: { readonly [provider: string]: { readonly names: CloudWords; readonly cost: string } } = {
  demo: {
    names: {
      size: 'small',
      biggerSize: 'large',
      balancerSize: 'lb-small',
      biggerBalancerSize: 'lb-large',
      image: 'debian-12',
      zone: 'fi-1',
    },
    cost: 'nothing',
  },
  hetzner: {
    names: {
      size: 'cx23',
      biggerSize: 'cx33',
      balancerSize: 'lb11',
      biggerBalancerSize: 'lb21',
      image: 'debian-12',
      zone: 'fsn1',
    },
    cost: 'a few cents: one small server, a 10 GB volume and an address, each billed for an hour at least',
  },
  upcloud: {
    names: {
      size: '1xCPU-1GB',
      biggerSize: '1xCPU-2GB',
      balancerSize: 'development',
      biggerBalancerSize: 'production-small',
      image: 'debian-12',
      zone: 'fi-hel1',
    },
    cost: 'a few cents: one small server, a 10 GB volume and an address for some minutes',
  },
  aws: {
    names: {
      size: 't3.micro',
      biggerSize: 't3.small',
      balancerSize: 'application',
      biggerBalancerSize: 'application',
      image: 'debian-12',
      zone: 'eu-central-1a',
    },
    cost: 'a few cents: one t3.micro, a 10 GB volume and an address for some minutes',
  },
};
