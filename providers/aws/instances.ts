import { z } from 'zod';
import { type Call, ec2 } from './client.ts';
import type { Where } from './kind.ts';
import { type Filters, Id, Word, allPages, eachFilter, filtersFor, listOf } from './pages.ts';
import { Tags } from './tags.ts';

const Instance = z.object({
  InstanceId: Id,
  ImageId: Word,
  InstanceType: Word,
  State: z.object({ Name: Word }).nullish(),
  StateReason: z.object({ Code: Word }).nullish(),
  KeyName: Word,
  ClientToken: Word,
  LaunchTime: z.date().nullish(),
  PrivateIpAddress: Word,
  PublicIpAddress: Word,
  SubnetId: Word,
  VpcId: Word,
  RootDeviceName: Word,
  Placement: z.object({ AvailabilityZone: Word, GroupName: Word, GroupId: Word }).nullish(),
  SecurityGroups: listOf(z.object({ GroupId: Id, GroupName: Word })),
  BlockDeviceMappings: listOf(
    z.object({ DeviceName: Word, Ebs: z.object({ DeleteOnTermination: z.boolean().nullish() }).nullish() }),
  ),
  Tags,
});
export type Instance = z.infer<typeof Instance>;

const Reply = z.object({ Reservations: listOf(z.object({ Instances: listOf(Instance) })), NextToken: Word });

/** Tokens that one operation may have used: the first, and those after a token whose server is no more. */
export function tokensOf(opId: string): string[] {
  return [opId, ...Array.from({ length: 7 }, (_, at) => `${opId}-${at + 2}`)];
}

/** Instances, also those that are over: AWS shows them for about an hour. */
export function instances(call: Call, where: Where): Promise<readonly Instance[]> {
  const sets: readonly Filters[] =
    where.by === 'token'
      ? [[{ Name: 'client-token', Values: tokensOf(where.token) }]]
      : filtersFor(where, { id: 'instance-id' });
  return eachFilter(sets, Filters =>
    allPages(
      call,
      (one: Instance) => one.InstanceId,
      async NextToken => {
        const page = await ec2(call, 'DescribeInstances', { Filters, NextToken, MaxResults: 1_000 }, Reply);
        return { items: page.Reservations.flatMap(reservation => reservation.Instances), next: page.NextToken };
      },
    ),
  );
}
