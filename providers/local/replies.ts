import { z } from 'zod';

/** Ids of containers and networks are 64 hexadecimal digits, of volumes their names. */
const Id = z.string().regex(/^[A-Za-z0-9][\w.-]{0,127}$/);
const Labels = z.record(z.string(), z.string()).nullish();

export const Container = z.object({
  Id,
  Names: z.array(z.string()).min(1),
  Labels,
  State: z.string(),
  Created: z.number(),
  NetworkSettings: z
    .object({ Networks: z.record(z.string(), z.object({ IPAddress: z.string().nullish() })).nullish() })
    .nullish(),
});
export type Container = z.infer<typeof Container>;
export const Containers = z.array(Container);

export const Network = z.object({
  Id,
  Name: z.string(),
  Labels,
  Created: z.string(),
  Driver: z.string(),
  IPAM: z.object({
    Config: z.array(z.object({ Subnet: z.string().optional(), Gateway: z.string().optional() })).nullish(),
  }),
});
export type Network = z.infer<typeof Network>;
export const Networks = z.array(Network);

export const Volume = z.object({ Name: Id, Labels, CreatedAt: z.string().optional() });
export type Volume = z.infer<typeof Volume>;
export const Volumes = z.object({ Volumes: z.array(Volume).nullable() });

export const EngineFolder = z.object({ DockerRootDir: z.string().regex(/^\/[\w./-]{1,200}$/) });
export const Images = z.array(z.object({ RepoTags: z.array(z.string()).nullish(), Labels }));

export const Made = z.object({ Id });
export const ExecState = z.object({ Running: z.boolean(), ExitCode: z.number().nullable() });
