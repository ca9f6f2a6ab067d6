/** Sizes of servers and load balancers with their price per month in 1/10,000 EUR. */
export const SIZES = [
  { name: 'nano', kind: 'server', vcpu: 1, memoryMib: 1_024, diskGib: 20, monthly: 35_000 },
  { name: 'small', kind: 'server', vcpu: 2, memoryMib: 4_096, diskGib: 40, monthly: 60_000 },
  { name: 'medium', kind: 'server', vcpu: 4, memoryMib: 8_192, diskGib: 80, monthly: 120_000 },
  { name: 'large', kind: 'server', vcpu: 8, memoryMib: 16_384, diskGib: 160, monthly: 240_000 },
  { name: 'xlarge', kind: 'server', vcpu: 16, memoryMib: 32_768, diskGib: 320, monthly: 480_000 },
  { name: 'lb-small', kind: 'load-balancer', vcpu: 0, memoryMib: 0, diskGib: 0, monthly: 55_000 },
  { name: 'lb-large', kind: 'load-balancer', vcpu: 0, memoryMib: 0, diskGib: 0, monthly: 160_000 },
] as const;

export const ZONES: readonly string[] = ['fi-1', 'de-1', 'us-1'];

export const IMAGES: readonly string[] = ['debian-12', 'debian-13', 'ubuntu-24.04', 'alma-9', 'fedora-42'];

/** What costs money and has no size. */
export const PRICES = [
  { kind: 'volume', per: 'gib', monthly: 500 },
  { kind: 'floating-ip', per: 'object', monthly: 30_000 },
] as const;

export const CURRENCY = 'EUR';

/** Largest number of objects of a kind, unless the settings say otherwise. */
export const QUOTA = 100_000;
