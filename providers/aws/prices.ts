/** Hours of a month, as AWS itself counts them. */
const HOURS = 730;

/** Prices of one region in 1/10,000 dollar for a month; zero where none is known. */
export interface Prices {
  readonly servers: { readonly [size: string]: number };
  readonly volumeGib: number;
  readonly balancer: number;
}

/**
 * List prices of one hour in dollars, Linux on demand, as of 2025-06. AWS tells prices by another service only, so that
 * this table knows few sizes in few regions, and no discount. What it does not know has no price in a plan.
 */
const HOURLY: { readonly [region: string]: { readonly [size: string]: number } } = {
  'us-east-1': {
    't3.micro': 0.0104,
    't3.small': 0.0208,
    't3.medium': 0.0416,
    't3.large': 0.0832,
    't3.xlarge': 0.1664,
    't4g.micro': 0.0084,
    't4g.small': 0.0168,
    't4g.medium': 0.0336,
    't4g.large': 0.0672,
    'm7i.large': 0.1008,
    'm7g.large': 0.0816,
    'c7i.large': 0.08925,
    'r7i.large': 0.1323,
  },
};

/** One GiB of a gp3 volume for a month, in dollars. */
const VOLUMES: { readonly [region: string]: number } = { 'us-east-1': 0.08 };

/** A network load balancer for an hour, without what passes through it. */
const BALANCERS: { readonly [region: string]: number } = { 'us-east-1': 0.0225 };

export function pricesOf(region: string): Prices {
  const servers = Object.entries(HOURLY[region] ?? {}).map(([size, hourly]) => [size, units(hourly * HOURS)] as const);
  return {
    servers: Object.fromEntries(servers),
    volumeGib: units(VOLUMES[region] ?? 0),
    balancer: units((BALANCERS[region] ?? 0) * HOURS),
  };
}

function units(dollars: number): number {
  return Math.round(dollars * 10_000);
}
